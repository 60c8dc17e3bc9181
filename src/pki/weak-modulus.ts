/** Below this every factor is looked for (BR section 6.1.6: no factor smaller than 752). */
const SMALLEST_FACTOR = 752
/** Up to here the flawed library made its primes from powers of one number (CVE-2017-15361, "ROCA"). */
const LARGEST_STRUCTURED_PRIME = 167
const GENERATOR = 65_537
/** BR section 6.1.1.3: keys whose factors Fermat finds within a hundred rounds. */
const FERMAT_ROUNDS = 100

const PRIMES = primesBelow(SMALLEST_FACTOR)

/** For each prime, which remainders powers of 65537 leave. */
const POWERS = PRIMES.filter((prime) => prime > 2 && prime <= LARGEST_STRUCTURED_PRIME).map((prime) => ({
  prime: BigInt(prime),
  remainders: powersModulo(prime),
}))

/** Why somebody could find the factors of an RSA modulus, or null: small factors, primes of one structure, primes side by side. */
export function modulusWeakness(modulus: bigint): string | null {
  if (PRIMES.some((prime) => modulus % BigInt(prime) === 0n)) return 'The RSA modulus has a small factor.'
  if (POWERS.every(({ prime, remainders }) => remainders.has(Number(modulus % prime))))
    return 'The RSA key is of the kind that a flawed library made (CVE-2017-15361).'
  return hasCloseFactors(modulus) ? 'The two primes of the RSA key lie side by side.' : null
}

/** Of a random modulus one in 2^27 leaves such a remainder for every prime. */
function powersModulo(prime: number): ReadonlySet<number> {
  const found = new Set<number>()
  for (let power = 1; !found.has(power); power = (power * (GENERATOR % prime)) % prime) found.add(power)
  return found
}

function hasCloseFactors(modulus: bigint): boolean {
  let middle = squareRoot(modulus)
  if (middle * middle < modulus) middle += 1n
  for (let round = 0; round < FERMAT_ROUNDS; round += 1, middle += 1n) {
    const rest = middle * middle - modulus
    if (mayBeSquare(rest) && squareRoot(rest) ** 2n === rest) return true
  }
  return false
}

const SQUARES_MODULO_64 = new Set(Array.from({ length: 64 }, (_, root) => (root * root) % 64))
const mayBeSquare = (number: bigint): boolean => SQUARES_MODULO_64.has(Number(number & 63n))

/** Newton, from above; rounded down. */
function squareRoot(number: bigint): bigint {
  if (number < 2n) return number
  let root = 1n << BigInt(Math.ceil(number.toString(16).length / 2) * 4)
  for (;;) {
    const next = (root + number / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

function primesBelow(limit: number): readonly number[] {
  const primes: number[] = []
  for (let number = 2; number < limit; number += 1)
    if (!primes.some((prime) => number % prime === 0)) primes.push(number)
  return primes
}
