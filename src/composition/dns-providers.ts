import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type DnsProviderSettings, readDnsProviders } from '../config/dns-providers.ts'
import { Problem } from '../errors/problem.ts'
import { createDynamicUpdates } from '../placement/dynamic-update.ts'
import { readKeyFile } from '../placement/key-file.ts'
import type { DnsProvider } from '../placement/provider.ts'
import { createWebhook } from '../placement/webhook.ts'
import { readWebhookSecret } from '../placement/webhook-secret.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'

const TIMEOUT_MS = 10_000

export interface ProviderParts {
  readonly real: Clock
  readonly random: Random
}

/** CERTRAIL_DNS_PROVIDERS: who writes into which zone; null: a person does. Secrets are read once, at the start. */
export async function dnsProviders(
  path: string | null,
  parts: ProviderParts,
): Promise<ReadonlyMap<string, DnsProvider | null>> {
  if (path === null) return new Map()
  const reading = readDnsProviders(await readText(path, path), dirname(path))
  if (!reading.ok) throw unusable(`${path} is not usable. ${reading.findings.join(' ')}`)
  const entries = reading.providers.map(
    async ({ zone, provider }) => [zone, await providerOf(provider, path, parts)] as const,
  )
  return new Map(await Promise.all(entries))
}

async function providerOf(
  settings: DnsProviderSettings['provider'],
  path: string,
  parts: ProviderParts,
): Promise<DnsProvider | null> {
  const around = { ...parts, timeoutMs: TIMEOUT_MS }
  if (settings.kind === 'manual') return null
  if (settings.kind === 'rfc2136') {
    const key = readSecret(settings.keyFile, await readText(settings.keyFile, path), readKeyFile)
    return createDynamicUpdates({ ...around, server: settings.server, key })
  }
  const { url, secretFile, caFile } = settings
  const secret = readSecret(secretFile, await readText(secretFile, path), readWebhookSecret)
  return createWebhook({
    ...around,
    url,
    secret,
    roots: caFile === null ? null : await readText(caFile, path),
  })
}

const unusable = (detail: string, cause?: unknown): Problem =>
  new Problem('not-ready', { detail: `CERTRAIL_DNS_PROVIDERS: ${detail}`, cause })

async function readText(path: string, namedBy: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw unusable(
      path === namedBy ? `${path} cannot be read.` : `${namedBy} names ${path}, which cannot be read.`,
      cause,
    )
  }
}

function readSecret<T>(path: string, text: string, read: (text: string) => T): T {
  try {
    return read(text)
  } catch (cause) {
    throw unusable(`${path} is not usable: ${cause instanceof Error ? cause.message : ''}.`, cause)
  }
}
