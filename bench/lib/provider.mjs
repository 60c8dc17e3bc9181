import { setTimeout as delay } from 'node:timers/promises'
import { dvEnrollment } from './client.mjs'

/** What the Terraform provider sleeps between two looks at a change, and at an enrollment that it removes (spec: clients D2). Each of its loops looks first. */
const CHANGE_POLL_MS = 10_000
const REMOVAL_POLL_MS = 30_000

const VALIDATION = 'coodinate-domain-validation'
const ZONES = '/config-dns/v2/zones'
const ACKNOWLEDGED = { acknowledgement: 'acknowledge' }

/** The requests of the provider's CPS resources, one after the other, its polls slept in full. */
export function createProvider(client, contract) {
  let calls = 0
  let waits = 0
  let slept = 0
  async function call(wanted, method, path, options) {
    calls += 1
    const answer = await client.call(method, path, options)
    if (wanted.includes(answer.status)) return answer
    throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  }
  async function poll(milliseconds) {
    slept += 1
    await delay(milliseconds)
  }
  const enrollmentOf = async (path, wanted = [200]) => call(wanted, 'GET', path, { accept: 'enrollment.v11' })
  const pendingOf = async (path) => (await enrollmentOf(path)).body.pendingChanges[0]?.location
  const statusOf = async (change) => (await call([200], 'GET', change, { accept: 'change.v2' })).body
  const acknowledge = (change, update) =>
    call([200], 'POST', `${change}/input/update/${update}`, {
      accept: 'change-id.v1',
      contentType: 'acknowledgement.v1',
      body: ACKNOWLEDGED,
    })

  async function waitFor(change, isOver) {
    waits += 1
    let status = await statusOf(change)
    while (!isOver(status)) {
      if (status.statusInfo.error?.description) throw new Error(status.statusInfo.error.description)
      await poll(CHANGE_POLL_MS)
      status = await statusOf(change)
    }
    return status
  }
  const standsAt = (change, ...statuses) =>
    waitFor(change, ({ statusInfo }) => statuses.includes(statusInfo.status))

  const exists = async (path) => (await call([200, 404], 'GET', path)).status === 200

  /** `akamai_dns_zone`: made, and made active by a change list. */
  async function createZone(zone) {
    if (await exists(`${ZONES}/${zone}`)) return
    await call([201], 'POST', `${ZONES}?contractId=${contract}&gid=1`, {
      body: {
        zone,
        type: 'primary',
        comment: 'kept by the pipeline',
        contractId: contract,
        signAndServe: false,
      },
    })
    await call([200, 404], 'GET', `/config-dns/v2/changelists/${zone}`)
    await call([201], 'POST', `/config-dns/v2/changelists?zone=${zone}`)
    await call([204], 'POST', `/config-dns/v2/changelists/${zone}/submit`)
    await call([200], 'GET', `${ZONES}/${zone}/recordsets?showAll=true`)
  }

  const recordPath = ({ zone, name }) => `${ZONES}/${zone}/names/${name}/types/TXT`

  /** `akamai_dns_record` of type TXT. */
  async function createRecord({ zone, name, value }) {
    const path = recordPath({ zone, name })
    await call([404], 'GET', path)
    await call([201], 'POST', path, { body: { name, type: 'TXT', ttl: 60, rdata: [`"${value}"`] } })
    await call([200], 'GET', path)
  }

  const deleteRecord = (record) => call([204], 'DELETE', recordPath(record))

  async function create(body) {
    const { body: made } = await call(
      [202],
      'POST',
      `/cps/v2/enrollments?contractId=${contract}&allow-duplicate-cn=true`,
      { accept: 'enrollment-status.v1', contentType: 'enrollment.v11', body },
    )
    const change = await pendingOf(made.enrollment)
    await waitFor(
      change,
      ({ statusInfo, allowedInput }) =>
        statusInfo.status === 'complete' ||
        ([VALIDATION, 'wait-upload-third-party'].includes(statusInfo.status) && allowedInput.length > 0),
    )
    return made.enrollment
  }

  /** `akamai_cps_dv_enrollment`, create and read (D2.1). */
  async function createDv(name, sans = []) {
    const enrollment = await create(dvEnrollment(name, sans))
    return { enrollment, challenges: await challengesOf(enrollment) }
  }

  /** Those that are pending, as `dns_challenges` has them. */
  async function challengesOf(enrollment) {
    const change = await pendingOf(enrollment)
    if (change === undefined) return []
    const { allowedInput } = await statusOf(change)
    if (allowedInput[0]?.type !== 'lets-encrypt-challenges') return []
    const { body } = await call([200], 'GET', `${change}/input/info/lets-encrypt-challenges`, {
      accept: 'dv-challenges.v2',
    })
    return body.dv.flatMap(({ domain, challenges }) =>
      challenges
        .filter(({ type, status }) => type === 'dns-01' && status === 'pending')
        .map(({ responseBody }) => ({ domain, value: responseBody })),
    )
  }

  /** `akamai_cps_dv_validation`, create and read (D2.2). */
  async function validate(enrollment) {
    const change = await pendingOf(enrollment)
    if (change === undefined) return null
    await standsAt(change, VALIDATION, 'wait-review-cert-warning')
    await acknowledge(change, 'lets-encrypt-challenges-completed')
    await standsAt(change, VALIDATION, 'wait-review-cert-warning', 'complete')
    await pendingOf(enrollment)
    return statusOf(change)
  }

  /** What the provider does not do: on a busy machine it goes its way while the change is still carried, and here the end is wanted. */
  async function settle(enrollment) {
    for (;;) {
      const change = await pendingOf(enrollment)
      if (change === undefined) return
      const { body } = await call([200], 'GET', change, {
        accept: 'change.v2',
        headers: { prefer: 'wait=50' },
      })
      if (body.statusInfo.state !== 'running' && body.statusInfo.status !== 'complete')
        throw new Error(`the change stands at ${body.statusInfo.status}`)
    }
  }

  /** D2.4 */
  async function destroy(enrollment) {
    await call([200, 202], 'DELETE', `${enrollment}?allow-cancel-pending-changes=true`, {
      accept: 'enrollment-status.v1',
    })
    waits += 1
    while ((await enrollmentOf(enrollment, [200, 404])).status !== 404) await poll(REMOVAL_POLL_MS)
  }

  /** `akamai_cps_third_party_enrollment` and the CSR data source (D2.6). */
  async function createThirdParty(name, { changeManagement }) {
    const enrollment = await create({
      ...dvEnrollment(name),
      ra: 'third-party',
      validationType: 'third-party',
      certificateType: 'third-party',
      changeManagement,
      enableMultiStackedCertificates: true,
      thirdParty: { excludeSans: false },
    })
    const change = await pendingOf(enrollment)
    await statusOf(change)
    const { body } = await call([200], 'GET', `${change}/input/info/third-party-csr`, { accept: 'csr.v2' })
    return { enrollment, requests: body.csrs }
  }

  /** `akamai_cps_upload_certificate`, create, with `wait_for_deployment` (D2.7). */
  async function upload(enrollment, certificatesAndTrustChains, { acknowledged }) {
    const { body } = await enrollmentOf(enrollment)
    const change = body.pendingChanges[0].location
    await call([200], 'POST', `${change}/input/update/third-party-cert-and-trust-chain`, {
      accept: 'change-id.v1',
      contentType: 'certificate-and-trust-chain.v2',
      body: { certificatesAndTrustChains },
    })
    const { statusInfo } = await waitFor(
      change,
      (status) => status.statusInfo.status !== 'verify-third-party-cert',
    )
    if (statusInfo.status === 'wait-review-third-party-cert') await review(change)
    if (body.changeManagement) {
      await standsAt(change, 'wait-ack-change-management')
      if (acknowledged) await acknowledge(change, 'change-management-ack')
    }
    return readUpload(enrollment, acknowledged || !body.changeManagement)
  }

  async function review(change) {
    await call([200], 'GET', `${change}/input/info/post-verification-warnings`, { accept: 'warnings.v1' })
    await acknowledge(change, 'post-verification-warnings-ack')
    await waitFor(change, (status) => status.statusInfo.status !== 'wait-review-third-party-cert')
  }

  /** The same resource when `acknowledge_change_management` was set afterwards. */
  async function acknowledgeUpload(enrollment) {
    const change = await pendingOf(enrollment)
    if (change === undefined) return
    await statusOf(change)
    await standsAt(change, 'wait-ack-change-management')
    await acknowledge(change, 'change-management-ack')
    await readUpload(enrollment, true)
  }

  /** Of what is uploaded; waits until it is where it is going. */
  async function readUpload(enrollment, toProduction) {
    const change = await pendingOf(enrollment)
    if (change !== undefined) await standsAt(change, toProduction ? 'complete' : 'wait-ack-change-management')
    const { body } = await call([200], 'GET', `${enrollment}/history/changes`, {
      accept: 'change-history.v5',
    })
    return body.changes.find(({ primaryCertificate }) => primaryCertificate?.certificate)
  }

  return {
    createZone,
    createRecord,
    deleteRecord,
    createDv,
    challengesOf,
    readEnrollment: async (enrollment) => (await enrollmentOf(enrollment)).body,
    acknowledgeUpload,
    readUpload,
    validate,
    settle,
    destroy,
    createThirdParty,
    upload,
    /** Since it was asked last: how many calls were made, how often something was waited for, and how often that was slept for. */
    taken() {
      const since = { calls, waits, slept }
      ;[calls, waits, slept] = [0, 0, 0]
      return since
    },
  }
}
