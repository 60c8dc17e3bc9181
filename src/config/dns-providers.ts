import { resolve } from 'node:path'
import { z } from 'zod'
import { endpoint, host } from './kinds.ts'

export interface DnsProviderSettings {
  /** Canonical. */
  readonly zone: string
  readonly provider:
    | { readonly kind: 'rfc2136'; readonly server: { host: string; port: number }; readonly keyFile: string }
    | {
        readonly kind: 'webhook'
        readonly url: string
        readonly secretFile: string
        readonly caFile: string | null
      }
    | { readonly kind: 'manual' }
}

const DNS_PORT = 53

const zone = z
  .string()
  .transform((given) => given.toLowerCase().replace(/\.$/, ''))
  .refine((given) => host.parse(given, '') !== undefined, host.allowed)

const server = z.string().transform((given, context) => {
  const found = endpoint.parse(given, '') ?? endpoint.parse(`${given}:${DNS_PORT}`, '')
  if (found !== undefined) return found
  context.addIssue({ code: 'custom', message: `${endpoint.allowed}, or a host alone for port ${DNS_PORT}` })
  return z.NEVER
})

const webhookUrl = z
  .string()
  .refine(
    (given) => URL.canParse(given) && /^https?:$/.test(new URL(given).protocol) && !given.includes('@'),
    'an https or http URL without credentials',
  )

const path = z.string().min(1)

const schema = z
  .array(
    z.discriminatedUnion('provider', [
      z.strictObject({ zone, provider: z.literal('rfc2136'), server, keyFile: path }),
      z.strictObject({
        zone,
        provider: z.literal('webhook'),
        url: webhookUrl,
        secretFile: path,
        caFile: path.optional(),
      }),
      z.strictObject({ zone, provider: z.literal('manual') }),
    ]),
  )
  .superRefine((rows, context) => {
    for (const [index, row] of rows.entries())
      if (rows.findIndex((other) => other.zone === row.zone) < index)
        context.addIssue({ code: 'custom', path: [index, 'zone'], message: 'the same zone twice' })
  })

export type DnsProviderReading =
  | { readonly ok: true; readonly providers: readonly DnsProviderSettings[] }
  /** JSON pointers into the file, each with what is allowed; never a value. */
  | { readonly ok: false; readonly findings: readonly string[] }

/** Reads the file of CERTRAIL_DNS_PROVIDERS (docs/validation.md); `folder`: what its relative paths stand below. */
export function readDnsProviders(text: string, folder: string): DnsProviderReading {
  const result = schema.safeParse(jsonOf(text))
  if (!result.success)
    return {
      ok: false,
      findings: result.error.issues.map(
        ({ path: at, message }) => `${at.map((part) => `/${String(part)}`).join('') || '/'}: ${message}`,
      ),
    }
  return {
    ok: true,
    providers: result.data.map((row) => ({ zone: row.zone, provider: settingsOf(row, folder) })),
  }
}

function settingsOf(row: z.output<typeof schema>[number], folder: string): DnsProviderSettings['provider'] {
  const below = (given: string) => resolve(folder, given)
  if (row.provider === 'manual') return { kind: 'manual' }
  if (row.provider === 'rfc2136') return { kind: 'rfc2136', server: row.server, keyFile: below(row.keyFile) }
  const { url, secretFile, caFile } = row
  return {
    kind: 'webhook',
    url,
    secretFile: below(secretFile),
    caFile: caFile === undefined ? null : below(caFile),
  }
}

/** What JSON.parse says of a text is not passed on; undefined fits no schema. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
