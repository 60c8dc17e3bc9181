import { readFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import { join } from 'node:path'
import EdgeGrid from 'akamai-edgegrid'

export interface VendorAnswer {
  readonly status: number
  // oxlint-disable-next-line no-explicit-any -- looked into by path
  readonly body: any
}

export interface VendorClient {
  call(method: string, path: string, headers?: Record<string, string>, body?: unknown): Promise<VendorAnswer>
  close(): void
}

/** The vendor's npm client: reads the edgerc of the home, signs and sends by itself, as in a customer's script. */
export async function createVendorClient(home: string): Promise<VendorClient> {
  const httpsAgent = new Agent({ ca: await readFile(join(home, 'root.pem')), keepAlive: true })
  return {
    close: () => httpsAgent.destroy(),
    call(method, path, headers = {}, body?) {
      const client = new EdgeGrid({ path: join(home, 'edgerc'), section: 'cps' })
      client.auth({
        path,
        method,
        headers,
        ...(body !== undefined && { body: body as Record<string, unknown> }),
      })
      Object.assign(client.request, { httpsAgent, validateStatus: () => true, proxy: false })
      return new Promise((resolve, reject) => {
        client.send((error, response, text) => {
          if (response === undefined) reject(error ?? new Error('no answer'))
          else resolve({ status: response.status, body: text ? JSON.parse(String(text)) : null })
        })
      })
    },
  }
}
