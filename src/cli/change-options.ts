import type { Command } from 'commander'

/** What a request that starts a change may say about it. CPS API: query of create, update and remove enrollment. */
const OPTIONS = {
  cancelPending: {
    flags: '--cancel-pending',
    query: 'allow-cancel-pending-changes',
    meaning: 'cancel an open change first',
  },
  deployNotBefore: {
    flags: '--deploy-not-before <time>',
    query: 'deploy-not-before',
    meaning: 'not on production before this date or RFC 3339 time',
  },
  deployNotAfter: {
    flags: '--deploy-not-after <time>',
    query: 'deploy-not-after',
    meaning: 'not on production after this date or RFC 3339 time',
  },
  allowStagingBypass: {
    flags: '--allow-staging-bypass',
    query: 'allow-staging-bypass',
    meaning:
      'straight to production, without staging and without its acknowledgement; network settings also past an open change',
  },
  renewalDateCheckOverride: {
    flags: '--renewal-date-check-override',
    query: 'renewal-date-check-override',
    meaning: 'also inside the window of the automatic renewal',
  },
  allowMissingCertificateAddition: {
    flags: '--allow-missing-certificate-addition',
    query: 'allow-missing-certificate-addition',
    meaning: 'add the missing one of two third-party certificates',
  },
} as const satisfies Record<
  string,
  { readonly flags: string; readonly query: string; readonly meaning: string }
>

type ChangeOption = keyof typeof OPTIONS

export interface ChangeOptions {
  readonly cancelPending?: boolean
  readonly deployNotBefore?: string
  readonly deployNotAfter?: string
  readonly allowStagingBypass?: boolean
  readonly renewalDateCheckOverride?: boolean
  readonly allowMissingCertificateAddition?: boolean
}

export const withChangeOptions = (command: Command, names: readonly ChangeOption[]): Command =>
  names.reduce((on, name) => on.option(OPTIONS[name].flags, OPTIONS[name].meaning), command)

/** The API judges the times: it names the parameter that it cannot take. */
export function changeQuery(options: ChangeOptions): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, { query: parameter }] of Object.entries(OPTIONS)) {
    const value = options[name as ChangeOption]
    if (value !== undefined && value !== false) query.set(parameter, String(value))
  }
  return query
}
