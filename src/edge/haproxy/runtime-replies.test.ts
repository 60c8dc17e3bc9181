import { describe, expect, it } from 'vitest'
import {
  certificateList,
  expectedReplies,
  isCommitted,
  isLineAdded,
  processInfo,
  storedCertificate,
  storedLines,
} from './runtime-replies.ts'

/** As HAProxy 2.6.12 writes them. */
const SHOWN = [
  'Filename: /e/a.pem',
  'Status: Used',
  'Serial: 3DCA38A2',
  'Subject Alternative Name: DNS:a.example',
  'Algorithm: EC256',
  'SHA1 FingerPrint: 4E6E4CCF',
  'Subject: /CN=a.example',
  'Issuer: /CN=Issuing',
  'Chain Subject: /CN=Issuing',
  'Chain Issuer: /CN=Root',
  'OCSP Response Key: ',
  '',
  '',
].join('\n')

describe('what HAProxy answers', () => {
  it('lists certificates, and a transaction that somebody has left open', () => {
    expect(certificateList('# filename\n/e/a.pem\n/e/b.pem\n\n')).toEqual({
      transaction: null,
      files: new Set(['/e/a.pem', '/e/b.pem']),
    })
    expect(certificateList('# transaction\n*/e/x.pem\n# filename\n/e/a.pem\n\n').transaction).toBe('/e/x.pem')
  })

  it('shows what a certificate is, also of an open transaction', () => {
    const facts = {
      isUsed: true,
      serialNumber: '3DCA38A2',
      fingerprints: { SHA1: '4E6E4CCF' },
      chainLength: 1,
    }
    expect(storedCertificate(SHOWN, '/e/a.pem')).toEqual(facts)
    expect(storedCertificate(SHOWN.replace('/e/a.pem', '*/e/a.pem'), '/e/a.pem')).toEqual(facts)
    expect(storedCertificate('Filename: /e/a.pem\nStatus: Empty\n\n', '/e/a.pem')).toMatchObject({
      serialNumber: null,
      fingerprints: {},
    })
    expect(
      storedCertificate(
        "Can't display the certificate: Not found or the certificate is a bundle!\n\n",
        '/e/a.pem',
      ),
    ).toBeNull()
  })

  it('is refused when it speaks of another file than it was asked for', () => {
    expect(() => storedCertificate(SHOWN, '/e/b.pem')).toThrow('/e/b.pem')
    expect(isCommitted('Committing /e/a.pem\nSuccess!\n\n', '/e/b.pem')).toBe(false)
    expect(isCommitted('Committing /e/a.pem.pem\nSuccess!\n\n', '/e/a.pem')).toBe(false)
    expect(
      isLineAdded("Inserting certificate '/e/a.pem' in crt-list '/e/l'.\nSuccess!\n\n", '/e/a.pem', '/e/m'),
    ).toBe(false)
  })

  it('takes dots for work and only `Success!` for its end', () => {
    expect(isCommitted('Committing /e/a.pem....\nSuccess!\n\n', '/e/a.pem')).toBe(true)
    expect(isCommitted("No ongoing transaction! !\nCan't commit /e/a.pem!\n\n", '/e/a.pem')).toBe(false)
    expect(
      isLineAdded("Inserting certificate '/e/a.pem' in crt-list '/e/l'.\nSuccess!\n\n", '/e/a.pem', '/e/l'),
    ).toBe(true)
  })

  it('takes a transaction that was updated, not created, for somebody else’s', () => {
    expect(expectedReplies.setCertificate('/e/a.pem')).not.toContain(
      'Transaction updated for certificate /e/a.pem!',
    )
  })

  it('numbers the lines of a crt-list, whatever their settings contain', () => {
    const shown =
      '# /e/l\n/e/p.pem:1\n/e/a.pem:2 [alpn h2,http/1.1\0 ssl-min-ver TLSv1.2] a.example *.w.example\n\n'
    expect(storedLines(shown, '/e/l')).toEqual([
      { file: '/e/p.pem', line: 1 },
      { file: '/e/a.pem', line: 2 },
    ])
    expect(storedLines("didn't find the specified filename\n\n", '/e/l')).toBeNull()
  })

  it('tells which process answers', () => {
    expect(processInfo('Name: HAProxy\nVersion: 2.6.12-1+deb12u4\nPid: 18880\n')).toEqual({
      pid: 18_880,
      version: '2.6.12-1+deb12u4',
    })
    expect(() => processInfo('Permission denied\n')).toThrow('show info')
  })
})
