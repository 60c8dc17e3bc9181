import type { Config } from '../config/load.ts'
import type { AuthorityAccountSettings, LiveSettings } from './settings.ts'

const PLAIN = {
  orgId: null,
  profile: null,
  contacts: [],
  externalAccount: null,
  keyFile: null,
  roots: null,
} as const

/** The accounts of the file first; those of the settings stand for what none of them is for. */
export function liveSettings(config: Config): LiveSettings {
  const configured = config.authorities.map(({ directory, orderLimit, ...account }) => ({
    ...account,
    directoryUrl: directory,
    orderLimit: (orderLimit ?? config.orderLimit).most,
  }))
  return {
    accounts: [...configured, forDomains(config), ...forOrganizations(config)],
    caFile: config.acmeCaFile,
    roots: config.authorityRoots,
  }
}

const forDomains = ({ acmeDirectory, orderLimit }: Config): AuthorityAccountSettings => ({
  ...PLAIN,
  name: 'lets-encrypt',
  directoryUrl: acmeDirectory,
  validationTypes: ['dv'],
  orderLimit: orderLimit.most,
})

/** Directory, key identifier and HMAC key come together (config/load.ts). */
function forOrganizations(config: Config): readonly AuthorityAccountSettings[] {
  const { ovAcmeDirectory: directoryUrl, ovEabKid: kid, ovEabHmac, ovEabHmacFile } = config
  const hmacKey =
    ovEabHmacFile !== null ? { file: ovEabHmacFile } : ovEabHmac === null ? null : { text: ovEabHmac }
  if (directoryUrl === null || kid === null || hmacKey === null) return []
  return [
    {
      ...PLAIN,
      name: 'symantec',
      directoryUrl,
      validationTypes: ['ov', 'ev'],
      externalAccount: { kid, hmacKey },
      orderLimit: config.orderLimit.most,
    },
  ]
}
