import type { RuntimeApi } from './runtime-api.ts'

/** Of certificates. The one that is open, whoever opened it; null: none is. */
export async function abortOpen(api: RuntimeApi): Promise<string | null> {
  const { transaction } = await api.certificates()
  if (transaction !== null) await api.abort(transaction)
  return transaction
}
