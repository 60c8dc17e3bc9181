import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountId } from '../identifiers.ts'
import { instant } from '../time.ts'
import { type AuditEntry, type AuditLine, auditLine, contentText, NO_HASH } from './audit-entry.ts'
import { verifyAuditChain } from './verify-audit-chain.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

function chainOf(count: number): AuditLine[] {
  const entries: AuditEntry[] = []
  for (let id = 1; id <= count; id += 1) {
    const content = {
      realAt: instant(1_767_225_600_000 + id * 1000),
      lifecycleAt: instant(1_767_225_600_000 + id * 2000),
      accountId: accountId('A-1'),
      actor: 'pipeline',
      source: '192.0.2.1',
      action: 'cancel-change',
      object: `enrollments/${id}`,
      digestBefore: id % 2 === 0 ? null : sha256(`before ${id}`),
      digestAfter: sha256(`after ${id}`),
      detail: { client: 'c-1', request: `r-${id}`, flags: [id, { deep: true }] },
    }
    const previousHash = entries.at(-1)?.hash ?? NO_HASH
    entries.push({ ...content, id, previousHash, hash: sha256(previousHash + contentText(content)) })
  }
  return entries.map(auditLine)
}

const LENGTH = 12
const MEMBERS = Object.keys(chainOf(1)[0] ?? {})
const place = fc.integer({ min: 0, max: LENGTH - 1 })

describe('verifyAuditChain', () => {
  it('takes an unaltered log, also page by page and after a trip through JSON', () => {
    const lines = JSON.parse(JSON.stringify(chainOf(LENGTH))) as AuditLine[]
    const whole = verifyAuditChain(lines, sha256)
    expect(whole).toMatchObject({ ok: true, entries: LENGTH, end: { id: LENGTH, hash: lines.at(-1)?.hash } })
    const first = verifyAuditChain(lines.slice(0, 5), sha256)
    if (!first.ok) throw new Error(first.reason)
    expect(verifyAuditChain(lines.slice(5), sha256, first.end)).toMatchObject({
      ok: true,
      entries: LENGTH - 5,
    })
    expect(verifyAuditChain([], sha256)).toMatchObject({ ok: true, entries: 0 })
  })

  it('does not depend on the order of members', () => {
    const turned = chainOf(3).map(
      (line) => Object.fromEntries(Object.entries(line).toReversed()) as AuditLine,
    )
    expect(verifyAuditChain(turned, sha256)).toMatchObject({ ok: true })
  })

  it.each(MEMBERS.filter((member) => member !== 'id'))(
    'names an entry whose %s was altered, removed or added to',
    (member) => {
      fc.assert(
        fc.property(place, fc.jsonValue(), (at, value) => {
          const lines = chainOf(LENGTH)
          const line = lines[at] as AuditLine
          fc.pre(JSON.stringify(line[member]) !== JSON.stringify(value))
          lines[at] = { ...line, [member]: value }
          expect(verifyAuditChain(lines, sha256)).toMatchObject({ ok: false, firstAltered: at + 1 })
          lines[at] = without(line, member)
          expect(verifyAuditChain(lines, sha256)).toMatchObject({ ok: false, firstAltered: at + 1 })
          lines[at] = { ...line, [`${member}2`]: value }
          expect(verifyAuditChain(lines, sha256)).toMatchObject({ ok: false, firstAltered: at + 1 })
        }),
      )
    },
  )

  it('names what stands where an entry was deleted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LENGTH - 2 }), (at) => {
        const lines = chainOf(LENGTH).toSpliced(at, 1)
        expect(verifyAuditChain(lines, sha256)).toMatchObject({ ok: false, firstAltered: at + 2 })
        // Numbered anew to hide the gap.
        const renumbered = lines.map((line, index) => ({ ...line, id: index + 1 }))
        expect(verifyAuditChain(renumbered, sha256)).toMatchObject({ ok: false, firstAltered: at + 1 })
      }),
    )
  })

  it('names the first of two entries that changed places, also when they kept their numbers', () => {
    fc.assert(
      fc.property(place, place, (one, other) => {
        fc.pre(one < other)
        const lines = chainOf(LENGTH)
        const swapped = lines.with(one, lines[other] as AuditLine).with(other, lines[one] as AuditLine)
        expect(verifyAuditChain(swapped, sha256)).toMatchObject({ ok: false, firstAltered: other + 1 })
        const renumbered = swapped.map((line, index) => ({ ...line, id: index + 1 }))
        expect(verifyAuditChain(renumbered, sha256)).toMatchObject({ ok: false, firstAltered: one + 1 })
      }),
    )
  })

  it('finds an inserted entry, even one with a right hash of its own', () => {
    fc.assert(
      fc.property(place, (at) => {
        const lines = chainOf(LENGTH)
        const previousHash = at === 0 ? NO_HASH : (lines[at - 1] as AuditLine).hash
        const inserted = lines.toSpliced(at, 0, auditLine(forged(previousHash)))
        const renumbered = inserted.map((line, index) => ({ ...line, id: index + 1 }))
        expect(verifyAuditChain(renumbered, sha256)).toMatchObject({ ok: false, firstAltered: at + 2 })
      }),
    )
  })
})

const without = (line: AuditLine, member: string): AuditLine =>
  Object.fromEntries(Object.entries(line).filter(([name]) => name !== member)) as AuditLine

function forged(previousHash: string): AuditEntry {
  const content = {
    realAt: instant(0),
    lifecycleAt: instant(0),
    accountId: accountId('A-1'),
    actor: 'nobody',
    source: '',
    action: 'remove-enrollment',
    object: 'enrollments/1',
    digestBefore: null,
    digestAfter: null,
    detail: {},
  }
  return { ...content, id: 0, previousHash, hash: sha256(previousHash + contentText(content)) }
}
