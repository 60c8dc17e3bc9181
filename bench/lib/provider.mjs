import { setTimeout as delay } from 'node:timers/promises'
import { dvEnrollment } from './client.mjs'

/** What the Terraform provider sleeps between two looks at a change, and at an enrollment that it removes (spec: clients D2). Each of its loops looks first. */
const CHANGE_POLL_MS = 10_000
const REMOVAL_POLL_MS = 30_000

const VALIDATION = 'coodinate-domain-validation'
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
  async function createDv(name) {
    const enrollment = await create(dvEnrollment(name))
    const change = await pendingOf(enrollment)
    const { allowedInput } = await statusOf(change)
    if (allowedInput[0]?.type !== 'lets-encrypt-challenges') throw new Error('there are no challenges')
    await call([200], 'GET', `${change}/input/info/lets-encrypt-challenges`, { accept: 'dv-challenges.v2' })
    return enrollment
  }

  /** `akamai_cps_dv_validation`, create and read (D2.2). */
  async function validate(enrollment) {
    const change = await pendingOf(enrollment)
    await standsAt(change, VALIDATION, 'wait-review-cert-warning')
    await acknowledge(change, 'lets-encrypt-challenges-completed')
    await standsAt(change, VALIDATION, 'wait-review-cert-warning', 'complete')
    await pendingOf(enrollment)
    return statusOf(change)
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
  async function createThirdParty(name) {
    const enrollment = await create({
      ...dvEnrollment(name),
      ra: 'third-party',
      validationType: 'third-party',
      certificateType: 'third-party',
      changeManagement: true,
      enableMultiStackedCertificates: true,
      thirdParty: { excludeSans: false },
    })
    const change = await pendingOf(enrollment)
    await statusOf(change)
    const { body } = await call([200], 'GET', `${change}/input/info/third-party-csr`, { accept: 'csr.v2' })
    return { enrollment, requests: body.csrs }
  }

  /** `akamai_cps_upload_certificate` with `acknowledge_change_management` and `wait_for_deployment` (D2.7). */
  async function upload(enrollment, certificatesAndTrustChains) {
    const change = await pendingOf(enrollment)
    await call([200], 'POST', `${change}/input/update/third-party-cert-and-trust-chain`, {
      accept: 'change-id.v1',
      contentType: 'certificate-and-trust-chain.v2',
      body: { certificatesAndTrustChains },
    })
    await waitFor(change, ({ statusInfo }) => statusInfo.status !== 'verify-third-party-cert')
    await standsAt(change, 'wait-ack-change-management')
    await acknowledge(change, 'change-management-ack')
    if ((await pendingOf(enrollment)) !== undefined) await standsAt(change, 'complete')
    await call([200], 'GET', `${enrollment}/history/changes`, { accept: 'change-history.v5' })
    return statusOf(change)
  }

  return {
    createDv,
    validate,
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
