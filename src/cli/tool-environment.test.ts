import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { homeAt } from './home.ts'
import { credentialVariables, environmentText, toolEnvironment } from './tool-environment.ts'

it('a shell that evaluates the lines has the values, whatever is in the path', () => {
  const home = homeAt("/tmp/it's $HOME `here`")
  const text = environmentText('sh', toolEnvironment(home))
  const seen = execFileSync('sh', ['-c', `${text}printf '%s|%s' "$EDGERC" "$NODE_EXTRA_CA_CERTS"`], {
    encoding: 'utf8',
  })
  expect(seen).toBe(`${home.edgerc}|${home.root}`)
})

it('PowerShell and GitHub get their own forms', () => {
  expect(environmentText('powershell', { A: "it's" })).toBe("$env:A = 'it''s'\n")
  expect(environmentText('github', { A: "it's" })).toBe("A=it's\n")
})

it('tools that replace their roots get the bundle, Node gets our roots only', () => {
  const home = homeAt('/h')
  expect(toolEnvironment(home)).toMatchObject({
    CERTRAIL_HOME: '/h',
    EDGERC: '/h/edgerc',
    AKAMAI_EDGERC: '/h/edgerc',
    SSL_CERT_FILE: '/h/ca-bundle.pem',
    REQUESTS_CA_BUNDLE: '/h/ca-bundle.pem',
    NODE_EXTRA_CA_CERTS: '/h/root.pem',
  })
})

it('credentials in variables are known with and without a section, and nothing else is taken for one', () => {
  const environment = {
    AKAMAI_HOST: 'x',
    AKAMAI_CPS_CLIENT_SECRET: 'x',
    AKAMAI_EDGERC: 'x',
    AKAMAI_LOG: 'x',
    HOST: 'x',
  }
  expect(credentialVariables(environment)).toEqual(['AKAMAI_HOST', 'AKAMAI_CPS_CLIENT_SECRET'])
})
