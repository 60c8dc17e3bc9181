import type { Caller } from '../app/views.ts'
import { Problem } from '../errors/problem.ts'
import type { SignedRoute } from './route.ts'

const MAY: Readonly<Record<SignedRoute['access'], readonly Caller['role'][]>> = {
  read: ['admin', 'operator', 'read-only'],
  write: ['admin', 'operator'],
  admin: ['admin'],
}

/** @throws Problem 'forbidden' (spec: behaviour F2.8) */
export function requireGrant(access: SignedRoute['access'], caller: Caller): void {
  if (MAY[access].includes(caller.role)) return
  throw new Problem('forbidden', {
    detail: 'The client does not have the grant needed for the request',
    members: { authzRealm: caller.clientId },
  })
}
