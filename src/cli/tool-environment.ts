import type { Home } from './home.ts'

/**
 * What makes other tools talk to the sandbox of a home. SSL_CERT_FILE and REQUESTS_CA_BUNDLE replace a tool's roots, so they get the
 * bundle; NODE_EXTRA_CA_CERTS adds to Node's, so it gets our roots only.
 */
export const toolEnvironment = (home: Home): Readonly<Record<string, string>> => ({
  CERTRAIL_HOME: home.path,
  EDGERC: home.edgerc,
  AKAMAI_EDGERC: home.edgerc,
  AKAMAI_EDGERC_SECTION: 'default',
  SSL_CERT_FILE: home.bundle,
  REQUESTS_CA_BUNDLE: home.bundle,
  NODE_EXTRA_CA_CERTS: home.root,
})

/** Credentials in variables win over an edgerc in the Go SDK and in Terraform (spec: behaviour F3): with them a tool would reach for the real account. */
const CREDENTIAL =
  /^AKAMAI_([A-Z0-9_]+_)?(HOST|CLIENT_TOKEN|CLIENT_SECRET|ACCESS_TOKEN|ACCOUNT_KEY|MAX_BODY)$/

export const credentialVariables = (
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] => Object.keys(environment).filter((name) => CREDENTIAL.test(name))

export const SHELLS = ['sh', 'powershell', 'github'] as const
export type Shell = (typeof SHELLS)[number]

const LINES: Readonly<Record<Shell, (name: string, value: string) => string>> = {
  sh: (name, value) => `export ${name}='${value.replaceAll("'", "'\\''")}'`,
  powershell: (name, value) => `$env:${name} = '${value.replaceAll("'", "''")}'`,
  // Appended to the file that GITHUB_ENV names.
  github: (name, value) => `${name}=${value}`,
}

export const environmentText = (shell: Shell, variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `${LINES[shell](name, value)}\n`)
    .join('')
