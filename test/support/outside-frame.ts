import { afterAll, beforeAll, expect } from 'vitest'
import { type Instance, makeHome, removeHome, startInstance } from './instance.ts'
import { makeOutsideAuthority, type OutsideAuthority } from './outside-authority.ts'

/** In a `describe`: a server of its own, and a CA outside of it. What is asked of them before the tests begin is not there yet. */
export function instanceAndAuthority(): {
  readonly instance: Instance
  readonly authority: OutsideAuthority
} {
  let home: string
  let instance: Instance
  let authority: OutsideAuthority
  beforeAll(async () => {
    home = await makeHome()
    ;[instance, authority] = await Promise.all([startInstance(home), makeOutsideAuthority()])
  })
  afterAll(async () => {
    await authority.close()
    expect(await instance.stop()).toBe(0)
    await removeHome(home)
  })
  return {
    get instance() {
      return instance
    },
    get authority() {
      return authority
    },
  }
}
