import { describe, expect, it } from 'vitest'
import { generationOf } from '../../test/support/edge-generation.ts'
import type { EdgeCertificate, EdgeGeneration } from '../ports/edge.ts'
import { createSharedParts } from './shared-parts.ts'

/** Each with texts and settings of its own, as they come from a database. */
function generation(chainPem: string, sniOnly = true): EdgeGeneration {
  const certificate: EdgeCertificate = {
    keyAlgorithm: 'ECDSA',
    certificatePem: 'leaf',
    chainPem,
    serialNumber: '01',
    privateKey: () => new Uint8Array(),
    staple: null,
  }
  return generationOf(['a.example'], [certificate], { settings: { sniOnly } })
}

describe('parts that generations have in common', () => {
  it('are kept once', () => {
    const { share } = createSharedParts()
    const [one, other] = [share(generation('chain')), share(generation('chain'))]
    expect(other.settings).toBe(one.settings)
    expect(other.id).not.toBe(one.id)
  })

  it('are those of the generation, whatever others have', () => {
    const { share } = createSharedParts()
    share(generation('chain'))
    const given = generation('another chain', false)
    expect(share(given)).toEqual(given)
  })

  it('are kept until the last one that has them is released', () => {
    const { share, release } = createSharedParts()
    const [one, other] = [share(generation('chain')), share(generation('chain'))]
    release(one)
    expect(share(generation('chain')).settings).toBe(other.settings)
    release(other)
    release(other)
    expect(share(generation('chain')).settings).not.toBe(other.settings)
  })
})
