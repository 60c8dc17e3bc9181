export interface RootPageFacts {
  /** Label and address, in order. */
  readonly addresses: readonly (readonly [string, string])[]
  readonly firstCommand: string
}

/** What a browser sees at `/` until the console exists. */
export function rootPage(facts: RootPageFacts): string {
  const rows = facts.addresses.map(
    ([label, address]) => `<tr><th>${escaped(label)}</th><td><code>${escaped(address)}</code></td></tr>`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Certrail</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:4rem auto;padding:0 1rem}th{text-align:left;padding-right:2rem;font-weight:600}pre{background:#f3f3f3;padding:1rem;overflow:auto}</style>
<h1>Certrail</h1>
<p>Certificate provisioning that speaks the CPS API v2. This server answers at</p>
<table>${rows.join('')}</table>
<p>To begin:</p>
<pre>${escaped(facts.firstCommand)}</pre>
</html>
`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
