import type { KeyAlgorithm } from '../domain/certificate/certificate.ts'
import type { Change } from '../domain/change/change.ts'
import { type ChangeAction, isOpen } from '../domain/change/vocabulary.ts'
import type { EnrollmentSettings } from '../domain/enrollment/enrollment.ts'
import type { CertificateId, EnrollmentId } from '../domain/identifiers.ts'
import { groupedBy } from '../domain/grouped-by.ts'
import type { Network } from '../domain/network.ts'
import type { HistoricCertificate } from '../ports/histories.ts'
import type { Dependencies } from './dependencies.ts'
import { stacked } from './deployments.ts'
import { requireEnrollment } from './read-enrollments.ts'
import type { Caller, CertificateHistoryEntry, ChangeHistoryEntry, HistoricCertificateView } from './views.ts'

/** CPS API: ChangeHistory (spec: behaviour C5). Two texts are those of CPS, the others ours; a removal has no word of its own there. */
const ACTIONS: Readonly<
  Record<ChangeAction, { readonly action: ChangeHistoryEntry['action']; readonly text: string }>
> = {
  'new-certificate': { action: 'new-certificate', text: 'Create New Certificate' },
  'modify-certificate': { action: 'new-certificate', text: 'Create New Certificate' },
  'modify-san': { action: 'modify-san', text: 'Modify Subject Alternative Names' },
  renewal: { action: 'renew', text: 'Renew Certificate' },
  'network-only': { action: 'update-network-configuration', text: 'Update Network Configuration' },
  removal: { action: 'update-network-configuration', text: 'Remove Certificate From Networks' },
}

export async function changeHistory(
  { store }: Dependencies,
  caller: Caller,
  id: EnrollmentId,
): Promise<readonly ChangeHistoryEntry[]> {
  await requireEnrollment(store, caller, id)
  const { histories } = store.read
  const [changes, requests, certificates, orders] = await Promise.all([
    histories.changesOf(id),
    histories.signingRequestsOf(id),
    histories.certificatesOf(id),
    histories.ordersOf(id),
  ])
  const requestsOf = groupedBy(requests, ({ changeId }) => changeId)
  const certificatesOf = groupedBy(certificates, ({ changeId }) => changeId)
  return changes.map((change) => {
    const texts = requestsOf.get(change.id) ?? []
    const own = certificatesOf.get(change.id) ?? []
    return {
      action: ACTIONS[change.action].action,
      actionDescription: ACTIONS[change.action].text,
      status: historyStatus(change),
      createdBy: change.createdBy,
      createdOn: change.createdAt,
      lastUpdated: change.updatedAt,
      ra: change.settings.ra,
      ...stacked(change.settings, byAlgorithm(own, texts)),
      orderId: orders.get(change.id) ?? null,
    }
  })
}

const historyStatus = (change: Change): ChangeHistoryEntry['status'] =>
  isOpen(change) ? 'incomplete' : change.state === 'cancelled' ? 'cancelled' : 'completed'

const ALGORITHMS: readonly KeyAlgorithm[] = ['ECDSA', 'RSA']

interface SigningRequestText {
  readonly keyAlgorithm: KeyAlgorithm
  readonly signingRequestPem: string
}

/** A signing request without a certificate counts: clients look for the newest entry that has one. */
const byAlgorithm = (
  certificates: readonly HistoricCertificate[],
  requests: readonly SigningRequestText[],
): readonly HistoricCertificateView[] =>
  ALGORITHMS.flatMap((keyAlgorithm) => {
    const certificate = certificates.find((candidate) => candidate.keyAlgorithm === keyAlgorithm) ?? null
    const request = requests.find((candidate) => candidate.keyAlgorithm === keyAlgorithm) ?? null
    if (certificate === null && request === null) return []
    return [
      {
        keyAlgorithm,
        certificatePem: certificate?.textAsCame.certificate ?? null,
        chainPem: certificate?.textAsCame.chain ?? null,
        expiry: certificate?.notAfter ?? null,
        signingRequestPem: request?.signingRequestPem ?? null,
      },
    ]
  })

/** How many are shown unless all are asked for (spec: api 3.16). What serves now is always among them. */
const RECENT = 6

/** CPS API: CertificateHistory. What was ever deployed; active is what its network serves now. */
export async function certificateHistory(
  { store }: Dependencies,
  caller: Caller,
  id: EnrollmentId,
  all: boolean,
): Promise<readonly CertificateHistoryEntry[]> {
  const enrollment = await requireEnrollment(store, caller, id)
  const { histories } = store.read
  const [changes, requests, certificates, deployments] = await Promise.all([
    histories.changesOf(id),
    histories.signingRequestsOf(id),
    histories.certificatesOf(id),
    histories.deploymentsOf(id),
  ])
  const deployed = new Set(deployments.flatMap(({ certificateIds }) => certificateIds))
  const serving = (network: Network) =>
    new Set(
      deployments
        .filter((deployment) => deployment.network === network && deployment.state === 'active')
        .flatMap(({ certificateIds }) => certificateIds),
    )
  const live = { staging: serving('staging'), production: serving('production') }
  const settingsOf = new Map(changes.map((change) => [change.id, change.settings]))
  const requestsOf = groupedBy(requests, ({ changeId }) => changeId)
  // What staging served of an upload that was replaced before production is an entry of its own.
  const entriesOf = groupedBy(
    certificates.filter((certificate) => deployed.has(certificate.id)),
    (certificate) => (certificate.superseded ? certificate.id : `${certificate.changeId}`),
  )
  const entries = [...entriesOf.values()].flatMap((own) => {
    const changeId = own[0]?.changeId
    if (changeId === undefined) return []
    return certificateEntry({
      settings: settingsOf.get(changeId) ?? enrollment.settings,
      geography: enrollment.settings.networkConfiguration.geography,
      slots: enrollment.assignedSlots,
      own,
      requests: requestsOf.get(changeId) ?? [],
      live,
    })
  })
  return all
    ? entries
    : entries.filter((entry, place) => place < RECENT || entry.productionActive || entry.stagingActive)
}

interface CertificateFacts extends Pick<CertificateHistoryEntry, 'geography' | 'slots'> {
  readonly settings: EnrollmentSettings
  readonly own: readonly HistoricCertificate[]
  readonly requests: readonly SigningRequestText[]
  readonly live: Readonly<Record<Network, ReadonlySet<CertificateId>>>
}

const certificateEntry = ({
  settings,
  own,
  requests,
  live,
  ...rest
}: CertificateFacts): CertificateHistoryEntry => ({
  ...rest,
  certificateType: settings.certificateType,
  ra: settings.ra,
  productionActive: own.some(({ id }) => live.production.has(id)),
  stagingActive: own.some(({ id }) => live.staging.has(id)),
  ...stacked(
    settings,
    byAlgorithm(
      own,
      requests.filter(({ keyAlgorithm }) =>
        own.some((certificate) => certificate.keyAlgorithm === keyAlgorithm),
      ),
    ),
  ),
})
