import { canonicalName } from '../../domain/enrollment/names.ts'
import { type EnrollmentRule, isBlank } from './facts.ts'

/** RFC 5321 section 4.5.3.1.1, in octets. */
const LONGEST_LOCAL_PART = 64
/** Dots only between atoms (RFC 5322 section 3.2.3), letters of every script (RFC 6531). Quoted local parts are no addresses that people write. */
const LOCAL_PART = /^[^\s@."(),:;<>\\[\]]+(\.[^\s@."(),:;<>\\[\]]+)*$/u

/** A CA and we write to these people: what no mail can be sent to is a slip. One that is stored already comes back unharmed. */
export const contactAddresses: EnrollmentRule = ({ body, stored }) =>
  (['adminContact', 'techContact'] as const).flatMap((contact) => {
    const email = body[contact]?.email
    if (isBlank(email) || email === stored?.[contact].email || isAddress(email ?? '')) return []
    return [{ field: `/${contact}/email`, detail: 'must be an e-mail address: name@example.com' }]
  })

function isAddress(text: string): boolean {
  const at = text.lastIndexOf('@')
  const [local, domain] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)]
  const fits = LOCAL_PART.test(local) && Buffer.byteLength(local) <= LONGEST_LOCAL_PART
  return fits && !domain.startsWith('*.') && !domain.endsWith('.') && canonicalName(domain).ok
}
