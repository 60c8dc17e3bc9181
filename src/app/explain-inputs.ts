import type { Change } from '../domain/change/change.ts'
import { ALLOWED_INPUTS, type AllowedInputType } from '../domain/change/allowed-input.ts'
import { deploymentWindow } from '../domain/change/facts.ts'
import { probeName } from '../domain/enrollment/probe-name.ts'
import { SECOND } from '../domain/time.ts'
import type { Instant } from '../domain/time.ts'
import type { Explanation } from './views.ts'

export interface Answer {
  readonly waitsFor: string | null
  readonly moves: Explanation['moves']
  readonly until?: Explanation['until']
  readonly otherwise: string | null
}

/** What a wait is explained from, besides the change. */
export interface Surroundings {
  readonly now: Instant
  /** Where the edges of the staging network listen, as `host:port`. */
  readonly stagingAddresses: readonly string[]
  readonly servedNames: readonly string[]
}

import { OPERATOR } from './explain-steps.ts'
const CLIENT = 'any CPS client'

/** Calls of CPS clients as they stand in the documentation: method, path and, where there is one, the body. */
const post = (change: Change, type: AllowedInputType, body: string): string =>
  `POST ${pathOf(change)}/${ALLOWED_INPUTS[type].updateTail} ${body}`

const get = (change: Change, type: AllowedInputType): string =>
  `GET ${pathOf(change)}/${ALLOWED_INPUTS[type].infoTail}`

const pathOf = ({ enrollmentId, id }: Change): string => `/cps/v2/enrollments/${enrollmentId}/changes/${id}`

const ACKNOWLEDGED = '{"acknowledgement":"acknowledge"}'

export function uploadNeeded(change: Change): Answer {
  const { enrollmentId } = change
  const algorithms = change.settings.enableMultiStackedCertificates ? ['ECDSA', 'RSA'] : ['RSA']
  const body = `{"certificatesAndTrustChains":[{"keyAlgorithm":"${algorithms[0]}","certificate":"…","trustChain":"…"}]}`
  return {
    waitsFor:
      algorithms.length === 2
        ? 'Certificates, with their trust chains, that a certificate authority of yours made from the two signing requests. One of them is enough to go on; both in one call are served together.'
        : 'A certificate, with its trust chain, that a certificate authority of yours made from the signing request.',
    moves: [
      { who: `${OPERATOR}, first`, how: `certrail csr ${enrollmentId}` },
      { who: `${OPERATOR}, then`, how: `certrail upload ${enrollmentId} --cert cert.pem --chain chain.pem` },
      { who: `${CLIENT}, first`, how: get(change, 'third-party-certificate') },
      { who: `${CLIENT}, then`, how: post(change, 'third-party-certificate', body) },
    ],
    otherwise: 'The change stays here; what is live stays live until it expires.',
  }
}

/** Every review of findings. An upload may also be replaced meanwhile. */
export function reviewNeeded(change: Change, type: AllowedInputType): Answer {
  const { enrollmentId } = change
  return {
    waitsFor: 'Somebody to read the findings and to say that they are meant so.',
    moves: [
      { who: OPERATOR, how: `certrail acknowledge ${enrollmentId}` },
      { who: `${OPERATOR}, to end the change`, how: `certrail acknowledge ${enrollmentId} --deny` },
      ...(change.status === 'wait-review-third-party-cert' ? uploadInstead(change) : []),
      { who: CLIENT, how: post(change, type, ACKNOWLEDGED) },
    ],
    otherwise: 'The change stays here, without a limit of time; what is live stays live until it expires.',
  }
}

/** Another certificate for the same signing request takes the place of the one that is looked at. */
const uploadInstead = ({ enrollmentId, settings, action }: Change): Explanation['moves'] =>
  settings.validationType === 'third-party' && action !== 'network-only'
    ? [
        {
          who: `${OPERATOR}, with another certificate`,
          how: `certrail upload ${enrollmentId} --cert cert.pem --chain chain.pem`,
        },
      ]
    : []

export function acknowledgementNeeded(change: Change, around: Surroundings, hash: string): Answer {
  const { enrollmentId, notBefore, progress } = change
  const deadline = notBefore === null ? (progress.deadline ?? null) : null
  return {
    waitsFor: 'Somebody to look at staging and to release the same for production.',
    moves: [
      ...stagingLooks(around),
      { who: OPERATOR, how: `certrail acknowledge ${enrollmentId}` },
      { who: `${OPERATOR}, to end the change`, how: `certrail acknowledge ${enrollmentId} --deny` },
      ...uploadInstead(change),
      {
        who: `${CLIENT}, for exactly this content`,
        how: post(change, 'change-management', `{"acknowledgement":"acknowledge","hash":"${hash}"}`),
      },
      { who: `${CLIENT}, for what is frozen`, how: post(change, 'change-management', ACKNOWLEDGED) },
    ],
    until: deadline,
    otherwise: withoutAcknowledgement(change, around.now, deadline),
  }
}

function withoutAcknowledgement(change: Change, now: Instant, deadline: Instant | null): string {
  if (deadline !== null) {
    return 'Then it goes to production as if it were acknowledged, since what is live there would expire soon after.'
  }
  if (change.notBefore === null)
    return 'The change stays here: nothing of this enrollment is live that could expire.'
  return deploymentWindow(change, now) === 'ahead'
    ? 'The change stays here. Also acknowledged it waits for its deployment date.'
    : 'The change stays here: nothing goes to production by itself.'
}

/** One of each for every address of the staging network; one to listen on everywhere is none to connect to. */
function stagingLooks({ stagingAddresses, servedNames, now }: Surroundings): Explanation['moves'] {
  const [served = ''] = servedNames
  const name = probeName(served)
  const addresses = stagingAddresses.map((address) =>
    address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:'),
  )
  return [...new Set(addresses)].flatMap((address) => {
    const port = address.slice(address.lastIndexOf(':') + 1)
    const host = address.slice(0, address.lastIndexOf(':'))
    const at = Math.floor(now / SECOND)
    return [
      {
        who: 'whoever wants to look at staging, with openssl',
        how: `openssl s_client -connect ${address} -servername ${name} -attime ${at} -showcerts </dev/null`,
      },
      {
        who: 'whoever wants to look at staging, with curl',
        how: `curl --verbose --insecure --resolve ${name}:${port}:${host} https://${name}:${port}/`,
      },
    ]
  })
}
