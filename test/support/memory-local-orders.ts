import type { LocalOrder, LocalOrders } from '../../src/authority/local/orders.ts'
import type { ChangeId } from '../../src/domain/identifiers.ts'

/** Kept honest by test/contract/local-orders-contract.ts. */
export function createMemoryLocalOrders(): LocalOrders {
  const orders = new Map<string, LocalOrder>()
  const newestOf = (changeId: ChangeId): LocalOrder | null =>
    [...orders.values()]
      .filter((order) => order.changeId === changeId)
      .sort((a, b) => b.generation - a.generation)[0] ?? null
  const replace = (order: LocalOrder): void => void orders.set(order.id, structuredClone(order))
  return {
    find: async (changeId) => newestOf(changeId),
    async insert(order) {
      const standing = [...orders.values()].find(
        (one) => one.changeId === order.changeId && one.generation === order.generation,
      )
      if (standing === undefined) replace(order)
      return standing ?? order
    },
    async saveAuthorization(orderId, authorization) {
      const order = orders.get(orderId)
      const standing = order?.authorizations.find((one) => one.identifier === authorization.identifier)
      if (order === undefined || standing === undefined) return null
      if (standing.status !== 'pending') return standing
      const authorizations = order.authorizations.map((one) => (one === standing ? authorization : one))
      replace({ ...order, authorizations })
      return authorization
    },
    async saveCertificate(orderId, certificate) {
      const order = orders.get(orderId)
      if (order === undefined) return null
      if (order.certificate === null) replace({ ...order, certificate })
      return order.certificate ?? certificate
    },
    async abandon(changeId) {
      const order = newestOf(changeId)
      if (order !== null) replace({ ...order, abandoned: true })
    },
    async validAuthorizations(accountId, identifiers, at) {
      const valid = [...orders.values()]
        .filter((order) => order.accountId === accountId && order.validationType === 'dv')
        .flatMap((order) => order.authorizations)
        .filter(({ status, expires }) => status === 'valid' && expires > at)
        .sort((a, b) => b.expires - a.expires)
      return identifiers.flatMap((identifier) => valid.find((one) => one.identifier === identifier) ?? [])
    },
  }
}
