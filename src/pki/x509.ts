// @peculiar/x509 throws at import unless this polyfill came first. Nothing else in the project imports either of the two.
import 'reflect-metadata'

export { Pkcs10CertificateRequest } from '@peculiar/x509'
