import { expect, it } from 'vitest'
import { haproxyCapabilities } from './capabilities.ts'

it.each([
  ['2.6.12-1+deb12u4', ['certificate-storage', 'crt-list-lines', 'authority-storage']],
  ['2.10-dev3', ['certificate-storage', 'crt-list-lines', 'authority-storage', 'ocsp-update']],
  ['3.0.1', ['certificate-storage', 'crt-list-lines', 'authority-storage', 'ocsp-update']],
  ['2.0.29', []],
  ['', []],
])('HAProxy %j is known to have %j', (version, capabilities) => {
  expect(haproxyCapabilities(version)).toEqual(capabilities)
})
