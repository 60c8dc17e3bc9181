import { resolve } from 'node:path'
import { z } from 'zod'
import type { ConfigFinding } from './invalid-config.ts'
import { orderLimit, type TrustedRoots } from './kinds.ts'

const VALIDATION_TYPES = ['dv', 'ov', 'ev'] as const

const orNull = <T extends z.ZodType>(kind: T) => kind.nullish().transform((given) => given ?? null)
const text = z.string().min(1).max(2_000)
const base64url = z.string().regex(/^[A-Za-z0-9_-]{16,2000}={0,2}$/, 'base64url')

const externalAccount = z
  .strictObject({ kid: text, hmacKey: base64url.optional(), hmacKeyFile: text.optional() })
  .refine(({ hmacKey, hmacKeyFile }) => (hmacKey === undefined) !== (hmacKeyFile === undefined), {
    error: 'either hmacKey or hmacKeyFile',
  })

const authority = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens'),
  directory: z.url({ protocol: /^https$/, error: 'an https URL' }),
  validationTypes: z.array(z.enum(VALIDATION_TYPES)).min(1),
  orgId: orNull(z.int().positive()),
  profile: orNull(text),
  contacts: z.array(z.email()).default([]),
  externalAccount: orNull(externalAccount),
  keyFile: orNull(text),
  orderLimit: orNull(
    z.string().transform((given, context) => {
      const limit = orderLimit.parse(given, '')
      if (limit !== undefined) return limit
      context.addIssue({ code: 'custom', message: orderLimit.allowed })
      return z.NEVER
    }),
  ),
  roots: orNull(
    z.union([z.enum(['any', 'system']), z.array(text).min(1)], '`any`, `system` or a list of PEM files'),
  ),
})

/** RFC 8555 section 7.3.4. */
export interface ExternalAccountConfig {
  readonly kid: string
  /** Base64url, or the path of the file that holds it. */
  readonly hmacKey: { readonly text: string } | { readonly file: string }
}

/** One CA account of certrail.config.json. */
export type AuthorityConfig = Readonly<
  Omit<z.output<typeof authority>, 'externalAccount' | 'roots'> & {
    externalAccount: ExternalAccountConfig | null
    /** Null: what CERTRAIL_AUTHORITY_ROOTS says. */
    roots: TrustedRoots | null
  }
>

/** Reads `authorities`. A finding names the place and what is allowed, never the value: some are secrets. Paths stand below `base`. */
export function readAuthorities(
  given: unknown,
  base: string,
): { readonly authorities: readonly AuthorityConfig[]; readonly findings: readonly ConfigFinding[] } {
  if (given === undefined || given === null) return { authorities: [], findings: [] }
  const result = z.array(authority).safeParse(given)
  if (!result.success) {
    const findings = result.error.issues.map(({ path, message }) => ({
      name: `authorities${path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')}`,
      detail: message,
    }))
    return { authorities: [], findings }
  }
  const names = result.data.map(({ name }) => name)
  if (new Set(names).size < names.length)
    return { authorities: [], findings: [{ name: 'authorities', detail: 'the same name twice' }] }
  return { authorities: result.data.map((one) => withPaths(one, base)), findings: [] }
}

const withPaths = (
  { externalAccount: external, roots, ...one }: z.output<typeof authority>,
  base: string,
): AuthorityConfig => ({
  ...one,
  keyFile: one.keyFile === null ? null : resolve(base, one.keyFile),
  roots: roots === null ? null : rootsBelow(roots, base),
  externalAccount:
    external === null
      ? null
      : {
          kid: external.kid,
          hmacKey:
            external.hmacKeyFile === undefined
              ? { text: external.hmacKey ?? '' }
              : { file: resolve(base, external.hmacKeyFile) },
        },
})

const rootsBelow = (roots: 'any' | 'system' | readonly string[], base: string): TrustedRoots =>
  typeof roots === 'string'
    ? { kind: roots }
    : { kind: 'files', paths: roots.map((path) => resolve(base, path)) }
