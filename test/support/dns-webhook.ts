import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface DnsWebhook {
  readonly url: string
  texts(owner: string): Promise<readonly string[]>
  /** Types of what came, in their order. */
  readonly told: readonly string[]
  close(): Promise<void>
}

/** A program of an operator's that keeps records; it believes what Standard Webhooks 1.0.0 lets it believe. */
export async function startDnsWebhook(secret: Uint8Array): Promise<DnsWebhook> {
  const values = new Map<string, Set<string>>()
  const told: string[] = []
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      if (!isSigned(request, body, secret)) return response.writeHead(401).end()
      const { type, data } = JSON.parse(body.toString()) as {
        type: string
        data: { name: string; value: string }
      }
      told.push(type)
      const there = values.get(data.name) ?? new Set()
      values.set(data.name, there)
      if (type === 'dns.txt.place') there.add(data.value)
      else there.delete(data.value)
      return response.writeHead(204).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/dns`,
    texts: async (owner) => [...(values.get(owner) ?? [])].toSorted(),
    told,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const TOLERANCE_SECONDS = 300

function isSigned({ headers }: IncomingMessage, body: Buffer, secret: Uint8Array): boolean {
  const [id, at, given] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    String(headers[name] ?? ''),
  ) as [string, string, string]
  if (Math.abs(Date.now() / 1000 - Number(at)) > TOLERANCE_SECONDS) return false
  const expected = `v1,${createHmac('sha256', secret).update(`${id}.${at}.${body.toString()}`).digest('base64')}`
  return expected.length === given.length && timingSafeEqual(Buffer.from(expected), Buffer.from(given))
}
