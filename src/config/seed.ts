import { z } from 'zod'
import { isChosenId } from '../domain/identifiers.ts'
import type { ConfigFinding } from './invalid-config.ts'

const id = z.string().refine(isChosenId, 'one to 128 visible ASCII characters without spaces')
const account = id.nullish().transform((given) => given ?? null)

const seedSchema = z
  .strictObject({
    accounts: z
      .array(
        z.strictObject({
          id,
          name: z.string().min(1).max(200),
          switchKey: id.nullish().transform((given) => given ?? null),
        }),
      )
      .default([]),
    contracts: z.array(z.strictObject({ id, account })).default([]),
    switchKeys: z.array(z.strictObject({ switchKey: id, account: id })).default([]),
    clients: z
      .array(
        z.strictObject({
          account,
          name: z
            .string()
            .min(1)
            .max(200)
            .nullish()
            .transform((given) => given ?? null),
          role: z.enum(['admin', 'operator', 'read-only']),
          clientToken: id,
          clientSecret: id,
          accessToken: id,
          switchKeys: z.array(id).default([]),
        }),
      )
      .default([]),
  })
  .superRefine((seed, context) => {
    const refuse = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    const accounts = new Set(seed.accounts.map((one) => one.id))
    for (const list of ['contracts', 'switchKeys', 'clients'] as const) {
      for (const [index, one] of seed[list].entries()) {
        if (one.account !== null && !accounts.has(one.account)) {
          refuse([list, index, 'account'], 'no such id among seed.accounts')
        }
      }
    }
    const switchKeys = [
      ...seed.accounts.filter((one) => one.switchKey !== null).map((one) => one.id),
      ...seed.switchKeys.map((one) => one.account),
    ]
    for (const [name, values] of [
      ['accounts', seed.accounts.map((one) => one.id)],
      ['contracts', seed.contracts.map((one) => one.id)],
      ['clients', seed.clients.map((one) => one.clientToken)],
    ] as const) {
      if (new Set(values).size < values.length) refuse([name], 'the same id twice')
    }
    if (new Set(switchKeys).size < switchKeys.length) refuse(['switchKeys'], 'an account has one switch key')
    const keys = [
      ...seed.accounts.flatMap((one) => one.switchKey ?? []),
      ...seed.switchKeys.map((one) => one.switchKey),
    ]
    if (new Set(keys).size < keys.length) refuse(['switchKeys'], 'the same switch key twice')
  })
  .transform(({ accounts, switchKeys, ...rest }) => ({
    ...rest,
    accounts: accounts.map((one) => ({
      ...one,
      switchKey: one.switchKey ?? switchKeys.find((key) => key.account === one.id)?.switchKey ?? null,
    })),
  }))

type ReadonlyDeep<T> = T extends object ? { readonly [K in keyof T]: ReadonlyDeep<T[K]> } : T

/** The caller's own ids, applied once. `account: null` is the first account; switch keys stand at their accounts. */
export type Seed = ReadonlyDeep<z.output<typeof seedSchema>>

/** Reads `seed` of certrail.config.json. A finding names the place and what is allowed, never the value: clients have secrets. */
export function readSeed(given: unknown): {
  readonly seed: Seed | null
  readonly findings: readonly ConfigFinding[]
} {
  if (given === undefined || given === null) return { seed: null, findings: [] }
  const result = seedSchema.safeParse(given)
  if (result.success) return { seed: result.data, findings: [] }
  const findings = result.error.issues.map((issue) => ({
    name: ['seed', ...issue.path].reduce<string>(
      (path, part) =>
        typeof part === 'number'
          ? `${path}[${part}]`
          : path === ''
            ? String(part)
            : `${path}.${String(part)}`,
      '',
    ),
    detail: issue.message,
  }))
  return { seed: null, findings }
}
