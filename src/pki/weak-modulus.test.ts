import { checkPrimeSync, generatePrimeSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { generateRsaKey } from './key-material.ts'
import { openPublicKey, weaknessOf } from './public-key.ts'
import { modulusWeakness } from './weak-modulus.ts'

const BITS = 512
const prime = (): bigint => generatePrimeSync(BITS, { bigint: true })

function primeAfter(start: bigint): bigint {
  for (let number = start + 2n; ; number += 2n) if (checkPrimeSync(number)) return number
}

/** Made as the flawed library did: a power of 65537 modulo the product of the first primes, plus a multiple of that product. */
function structuredPrime(power: bigint, from: bigint): bigint {
  const primes = [
    2n,
    3n,
    5n,
    7n,
    11n,
    13n,
    17n,
    19n,
    23n,
    29n,
    31n,
    37n,
    41n,
    43n,
    47n,
    53n,
    59n,
    61n,
    67n,
    71n,
  ]
  const more = [73n, 79n, 83n, 89n, 97n, 101n, 103n, 107n, 109n, 113n, 127n, 131n, 137n, 139n, 149n, 151n]
  const product = [...primes, ...more, 157n, 163n, 167n].reduce((whole, one) => whole * one, 1n)
  let remainder = 1n
  for (let count = 0n; count < power; count += 1n) remainder = (remainder * 65_537n) % product
  for (let multiple = from; ; multiple += 1n) {
    const number = multiple * product + remainder
    if (checkPrimeSync(number)) return number
  }
}

describe('an RSA modulus', () => {
  it('of two random primes is good', async () => {
    expect(modulusWeakness(prime() * prime())).toBeNull()
    expect(weaknessOf(openPublicKey((await generateRsaKey()).publicKey))).toBeNull()
  })

  it('with a factor below 752 is refused (BR section 6.1.6)', () => {
    expect(modulusWeakness(751n * prime())).toContain('small factor')
  })

  it('of the structure of CVE-2017-15361 is refused', () => {
    const modulus = structuredPrime(12_345n, 1n << 40n) * structuredPrime(54_321n, 1n << 41n)
    expect(modulusWeakness(modulus)).toContain('CVE-2017-15361')
  })

  it('of primes side by side is refused (BR section 6.1.1.3)', () => {
    const one = prime()
    expect(modulusWeakness(one * primeAfter(one))).toContain('side by side')
    expect(modulusWeakness(one * one)).toContain('side by side')
  })
})
