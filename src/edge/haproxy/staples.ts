import { createHash, X509Certificate } from 'node:crypto'
import { unlink } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Network } from '../../domain/network.ts'
import type { EdgeLog } from '../builtin/observation.ts'
import type { StapleFor } from '../builtin/staples.ts'
import { writeWholeFile } from '../whole-file.ts'
import { ignoreMissing, stapleFileOf } from './list-files.ts'
import { isRefusal, type RuntimeApi } from './runtime-api.ts'
import { commands, fitsBuffer } from './runtime-commands.ts'
import { abortOpen } from './open-transaction.ts'
import type { WishedEntry } from './wished-entries.ts'

/** OCSP responses that go along with certificates: in the running process, and beside their files (`FILE.ocsp`, HAProxy's Configuration Manual, `crt`). */
export interface EntryStaples {
  /** What is to go along now; null: nothing. */
  wishOf(entry: WishedEntry): Promise<Uint8Array | null>
  /** The running process was given it, or was given the certificate without one. */
  given(file: string, response: Uint8Array | null): void
  /** HAProxy does not take this one: it is not offered again. Certificates go without. */
  refused(file: string, response: Uint8Array, reason: string): void
  /** Gives the process a newer response. False: it has one that is not to be shown any more, which goes with the certificate set anew alone. */
  renew(entry: WishedEntry): Promise<boolean>
  /** Files follow the process. */
  follow(entry: WishedEntry): Promise<void>
  /** Another process answers, and nobody knows what it has. */
  forget(): void
}

export function createEntryStaples(options: {
  readonly network: Network
  readonly api: RuntimeApi
  readonly fileOf: (entry: WishedEntry) => string
  readonly stapleFor: StapleFor
  readonly log: EdgeLog
}): EntryStaples {
  const { network, api, fileOf, stapleFor, log } = options
  /** Null: none. What is not in it was given by somebody before us, if at all. */
  const had = new Map<string, Uint8Array | null>()
  const written = new Map<string, string>()
  const refusals = new Map<string, string>()

  async function wishOf(entry: WishedEntry): Promise<Uint8Array | null> {
    const { staple } = entry.certificate
    if (staple === null || !hasIssuer(entry)) return null
    const response = await stapleFor(staple)
    const file = fileOf(entry)
    if (response === null || refusals.get(file) === digestOf(response)) return null
    if (fitsBuffer(commands.setStaple(file, response), await api.bufferSize())) return response
    refused(file, response, 'it does not fit tune.bufsize')
    return null
  }

  function given(file: string, response: Uint8Array | null): void {
    had.set(file, response)
  }

  function refused(file: string, response: Uint8Array, reason: string): void {
    refusals.set(file, digestOf(response))
    log.warn(
      { network, file: basename(file), reason },
      'HAProxy serves a certificate without its OCSP response',
    )
  }

  async function give(file: string, response: Uint8Array): Promise<void> {
    try {
      await api.setStaple(file, response, 'alone')
      await api.commit(file)
      given(file, response)
    } catch (error) {
      if (!isRefusal(error)) throw error
      await abortOpen(api)
      refused(file, response, error instanceof Error ? error.message : 'unknown')
    }
  }

  return {
    wishOf,
    given,
    refused,
    async renew(entry) {
      if (entry.certificate.staple === null) return true
      const [file, response] = [fileOf(entry), await wishOf(entry)]
      const now = had.get(file)
      if (response === null) return now === undefined || now === null
      if (now === undefined || now === null || digestOf(now) !== digestOf(response))
        await give(file, response)
      return true
    },
    async follow(entry) {
      if (entry.certificate.staple === null) return
      const file = fileOf(entry)
      const response = had.get(file)
      if (response === undefined) return
      const digest = response === null ? '' : digestOf(response)
      if (written.get(file) === `${entry.digest} ${digest}`) return
      if (response === null) await unlink(stapleFileOf(file)).catch(ignoreMissing)
      else await writeWholeFile(stapleFileOf(file), response)
      written.set(file, `${entry.digest} ${digest}`)
    },
    forget: () => had.clear(),
  }
}

/** HAProxy looks for the issuer in the chain, and does not start with a response whose issuer it lacks. */
function hasIssuer({ sent: [leaf, ...chain] }: WishedEntry): boolean {
  if (leaf === undefined) return false
  const certificate = new X509Certificate(leaf)
  return chain.some((der) => certificate.checkIssued(new X509Certificate(der)))
}

const digestOf = (response: Uint8Array): string => createHash('sha256').update(response).digest('hex')
