import { describe, expect, it } from 'vitest'
import { newEnrollment } from './new-enrollment.ts'

const wishes = { names: ['www.example.com', 'example.com'], type: null, changeManagement: false, base: null }

describe('a new enrollment', () => {
  it('is DV by default, the first name its common name', () => {
    expect(newEnrollment(wishes)).toMatchObject({
      ra: 'lets-encrypt',
      validationType: 'dv',
      certificateType: 'san',
      changeManagement: false,
      csr: { cn: 'www.example.com', sans: ['example.com'] },
      networkConfiguration: { geography: 'core', sniOnly: true },
      thirdParty: null,
    })
  })

  it.each([
    ['ov', ['a.example.com'], 'symantec', 'single'],
    ['ov', ['a.example.com', 'b.example.com'], 'symantec', 'san'],
    ['ov', ['*.example.com'], 'symantec', 'wildcard'],
    ['ov', ['example.com', '*.example.com'], 'symantec', 'wildcard-san'],
    ['ev', ['a.example.com'], 'symantec', 'single'],
    ['third-party', ['*.example.com', 'a.example.com'], 'third-party', 'third-party'],
  ] as const)('of type %s for %j is a combination that the API takes', (type, names, ra, certificateType) => {
    expect(newEnrollment({ ...wishes, names, type })).toMatchObject({
      ra,
      certificateType,
      validationType: type,
    })
  })

  it('takes members from a file, and the names of the command line win', () => {
    const base = {
      validationType: 'ov',
      org: { name: 'Ours' },
      networkConfiguration: { sniOnly: false },
      csr: { cn: 'old.example.com', sans: ['x.example.com'], o: 'Ours' },
    }
    expect(newEnrollment({ ...wishes, base })).toMatchObject({
      ra: 'symantec',
      org: { name: 'Ours' },
      networkConfiguration: { geography: 'core', sniOnly: false },
      csr: { cn: 'www.example.com', sans: ['example.com'], o: 'Ours' },
    })
    expect(newEnrollment({ ...wishes, names: [], base })).toMatchObject({
      csr: { cn: 'old.example.com', sans: ['x.example.com'] },
    })
  })

  it('without any name is wrong usage', () => {
    expect(() => newEnrollment({ ...wishes, names: [], base: {} })).toThrow('Wrong usage')
  })
})
