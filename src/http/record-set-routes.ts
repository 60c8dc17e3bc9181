import type { RecordSetKey } from '../app/zones/record-sets.ts'
import type { UseCases } from '../app/use-cases.ts'
import { ownerName } from '../domain/zones/owner-name.ts'
import { pageOf } from '../domain/zones/page.ts'
import type { RecordSet } from '../domain/zones/record-set.ts'
import { Problem } from '../errors/problem.ts'
import {
  decodeRecordSet,
  decodeRecordSets,
  namesAnswer,
  recordSetAnswer,
  recordSetBody,
  recordSetJson,
  recordSetsAnswer,
  recordSetsBody,
  recordTypeOf,
  typesAnswer,
} from '../wire/edge-dns/record-sets.ts'
import { type Answer, json, NO_CONTENT, type SignedExchange } from './exchange.ts'
import { LIST_PARAMETERS, readListQuery } from './list-query.ts'
import { afterLookingFor, readJson } from './request-entity.ts'
import type { Route } from './route.ts'
import { EDGE_DNS, zoneIn } from './zone-routes.ts'

const ONE = `${EDGE_DNS}/zones/:zone/names/:name/types/:type`
const ALL = `${EDGE_DNS}/zones/:zone/recordsets`

const SORT_KEYS: Readonly<Record<string, (set: RecordSet) => string>> = {
  name: (set) => set.name,
  type: (set) => set.type,
}

/** Edge DNS API: record sets. */
export function recordSetRoutes(useCases: UseCases): readonly Route[] {
  const looked = <Value>({ caller }: SignedExchange, zone: string, read: () => Value): Promise<Value> =>
    afterLookingFor(() => useCases.getZone(caller, zone), read)

  async function list(exchange: SignedExchange): Promise<Answer> {
    const zone = zoneIn(exchange)
    const query = await looked(exchange, zone, () => readListQuery(exchange.query, Object.keys(SORT_KEYS)))
    const sets = (await useCases.listRecordSets(exchange.caller, zone)).filter(
      ({ name, type, data }) =>
        (query.types.length === 0 || query.types.includes(type)) &&
        [name, ...data].some((text) => text.toLowerCase().includes(query.search)),
    )
    const { items, total, lastPage } = pageOf(sets, query, SORT_KEYS)
    const { page, pageSize, showAll } = query
    const metadata = { page, pageSize, lastPage, showAll, totalElements: total }
    return json({ metadata, recordsets: items.map(recordSetJson) })
  }

  async function sent(exchange: SignedExchange): Promise<{ zone: string; set: RecordSet }> {
    const zone = zoneIn(exchange)
    const { name = '', type = '' } = exchange.parameters
    const set = await looked(exchange, zone, () => decodeRecordSet(readJson(exchange), { zone, name, type }))
    return { zone, set }
  }

  async function create(exchange: SignedExchange): Promise<Answer> {
    const { zone, set } = await sent(exchange)
    await useCases.createRecordSets(exchange.caller, zone, [set])
    const key = { zone, name: set.name, type: set.type }
    return json(recordSetJson(await useCases.getRecordSet(exchange.caller, key)), { status: 201 })
  }

  async function update(exchange: SignedExchange): Promise<Answer> {
    const { zone, set } = await sent(exchange)
    return json(recordSetJson(await useCases.updateRecordSet(exchange.caller, zone, set)))
  }

  const written =
    (write: UseCases['createRecordSets']) =>
    async (exchange: SignedExchange): Promise<Answer> => {
      const zone = zoneIn(exchange)
      const sets = await looked(exchange, zone, () => decodeRecordSets(readJson(exchange), zone))
      await write(exchange.caller, zone, sets)
      return NO_CONTENT
    }

  return [
    {
      method: 'GET',
      path: ALL,
      operationId: 'listRecordSets',
      summary: 'The record sets of a zone',
      access: 'read',
      success: [200],
      query: LIST_PARAMETERS,
      answerSchema: recordSetsAnswer,
      answer: list,
    },
    {
      method: 'POST',
      path: ALL,
      operationId: 'createRecordSets',
      summary: 'Create several record sets, all or none',
      access: 'write',
      success: [204],
      bodySchema: recordSetsBody,
      answer: written(useCases.createRecordSets),
    },
    {
      method: 'PUT',
      path: ALL,
      operationId: 'replaceRecordSets',
      summary: 'Put these record sets in place of all that the zone has',
      access: 'write',
      success: [204],
      bodySchema: recordSetsBody,
      answer: written(useCases.replaceRecordSets),
    },
    {
      method: 'GET',
      path: `${EDGE_DNS}/zones/:zone/names`,
      operationId: 'listZoneNames',
      summary: 'The names of a zone that have records',
      access: 'read',
      success: [200],
      answerSchema: namesAnswer,
      answer: async (exchange) => {
        const sets = await useCases.listRecordSets(exchange.caller, zoneIn(exchange))
        return json({ names: [...new Set(sets.map(({ name }) => name))] })
      },
    },
    {
      method: 'GET',
      path: `${EDGE_DNS}/zones/:zone/names/:name/types`,
      operationId: 'listZoneNameTypes',
      summary: 'The types of the records of a name',
      access: 'read',
      success: [200],
      answerSchema: typesAnswer,
      answer: async (exchange) => {
        const sets = await useCases.listRecordSets(exchange.caller, zoneIn(exchange))
        const name = nameIn(exchange)
        return json({ types: sets.filter((set) => set.name === name).map(({ type }) => type) })
      },
    },
    {
      method: 'GET',
      path: ONE,
      operationId: 'getRecordSet',
      summary: 'A record set',
      access: 'read',
      success: [200],
      answerSchema: recordSetAnswer,
      answer: async (exchange) =>
        json(recordSetJson(await useCases.getRecordSet(exchange.caller, keyIn(exchange)))),
    },
    {
      method: 'POST',
      path: ONE,
      operationId: 'createRecordSet',
      summary: 'Create a record set',
      access: 'write',
      success: [201],
      bodySchema: recordSetBody,
      answerSchema: recordSetAnswer,
      answer: create,
    },
    {
      method: 'PUT',
      path: ONE,
      operationId: 'updateRecordSet',
      summary: 'Put other records in place of those of a record set',
      access: 'write',
      success: [200],
      bodySchema: recordSetBody,
      answerSchema: recordSetAnswer,
      answer: update,
    },
    {
      method: 'DELETE',
      path: ONE,
      operationId: 'deleteRecordSet',
      summary: 'Delete a record set',
      access: 'write',
      success: [204],
      answer: async (exchange) => {
        await useCases.deleteRecordSet(exchange.caller, keyIn(exchange))
        return NO_CONTENT
      },
    },
  ]
}

/** @throws Problem 'not-found' when no record can have the name. */
function nameIn(exchange: SignedExchange): string {
  const owner = ownerName(exchange.parameters['name'] ?? '')
  if (!owner.ok) throw new Problem('not-found')
  return owner.name
}

function keyIn(exchange: SignedExchange): RecordSetKey {
  const type = recordTypeOf(exchange.parameters['type'] ?? '')
  if (type === null) throw new Problem('not-found')
  return { zone: zoneIn(exchange), name: nameIn(exchange), type }
}
