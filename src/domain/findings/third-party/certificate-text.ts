import type { CertificateFacts, DistinguishedName } from '../../certificate/certificate.ts'
import type { UploadedCertificate } from './upload-facts.ts'

const ORDER: readonly (keyof DistinguishedName)[] = ['cn', 'ou', 'o', 'l', 'st', 'c']

/** Characters of one name: what a distinguished name of ordinary attributes needs. */
const LONGEST = 300

/** Most specific first, as RFC 4514 writes it: `CN=Example CA, O=Example, C=DE`. */
export function distinguishedNameText(name: DistinguishedName): string {
  const parts = ORDER.flatMap((member) => {
    const value = name[member]
    return value === null || value === '' ? [] : [`${member.toUpperCase()}=${value}`]
  })
  return cut(parts.join(', '))
}

export const commonNameText = (certificate: CertificateFacts | undefined): string =>
  cut(
    certificate?.subject.cn ?? (certificate === undefined ? '' : distinguishedNameText(certificate.subject)),
  )

/** Some certificates of a chain on one line. */
export const trustChainText = (certificates: readonly CertificateFacts[]): string =>
  certificates
    .map(({ subject, serialNumber }) => `[${distinguishedNameText(subject)}] serial number [${serialNumber}]`)
    .join('; ')

/** The chain as it is used: the leaf's issuer first. */
export const pathOf = ({ chain, path }: UploadedCertificate): readonly CertificateFacts[] =>
  path.flatMap((place) => chain[place] ?? [])

const cut = (text: string): string =>
  text.length > LONGEST ? `${[...text].slice(0, LONGEST).join('')}…` : text
