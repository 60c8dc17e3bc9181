import { isObject, type JsonObject, type JsonValue, omit } from '../json.ts'

/** Older versions do not say which key a certificate has. */
export function withoutKeyAlgorithms(newer: JsonObject): JsonObject {
  const others = newer['multiStackedCertificates']
  return {
    ...newer,
    primaryCertificate: bare(newer['primaryCertificate'] ?? null),
    multiStackedCertificates: Array.isArray(others) ? others.map(bare) : [],
  }
}

const bare = (certificate: JsonValue): JsonValue =>
  isObject(certificate) ? omit(certificate, ['keyAlgorithm']) : certificate
