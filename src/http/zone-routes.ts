import type { UseCases } from '../app/use-cases.ts'
import type { ContractId } from '../domain/identifiers.ts'
import { pageOf } from '../domain/zones/page.ts'
import { Problem } from '../errors/problem.ts'
import type { ZoneDeletion, ZoneRecord } from '../ports/dns-zones.ts'
import type { JsonObject } from '../wire/json.ts'
import {
  authoritiesAnswer,
  changeListAnswer,
  changeListJson,
  decodeDeletion,
  decodeZone,
  deletionAnswer,
  deletionBody,
  deletionJson,
  deletionResultAnswer,
  deletionResultJson,
  deletionStatusAnswer,
  deletionStatusJson,
  zoneAnswer,
  zoneBody,
  zoneJson,
  zoneName,
  zonesAnswer,
} from '../wire/edge-dns/zones.ts'
import { type Answer, json, NO_CONTENT, type SignedExchange } from './exchange.ts'
import { LIST_PARAMETERS, readListQuery, wordsOf } from './list-query.ts'
import { contractOf } from './query.ts'
import { afterLookingFor, readJson, readWithQuery } from './request-entity.ts'
import type { Route } from './route.ts'

export const EDGE_DNS = '/config-dns/v2'

/** @throws Problem 'not-found' when no zone can have the name. */
export function zoneIn(exchange: SignedExchange): string {
  const name = zoneName(exchange.parameters['zone'] ?? '')
  if (name === null) throw new Problem('not-found')
  return name
}

const SORT_KEYS: Readonly<Record<string, (zone: ZoneRecord) => string>> = {
  zone: (zone) => zone.name,
  contractid: (zone) => zone.contractId,
  type: () => 'PRIMARY',
  lastmodifieddate: (zone) => String(zone.realModifiedAt),
}

function requiredContract(query: URLSearchParams): ContractId {
  const contractId = contractOf(query)
  if (contractId === null)
    throw new Problem('validation-error', {
      detail: 'The query cannot be taken as it is.',
      errors: [{ field: 'contractId', detail: 'is required' }],
    })
  return contractId
}

/** Edge DNS API: zones, as far as the Go SDK and the Terraform provider call it. */
export function zoneRoutes(useCases: UseCases): readonly Route[] {
  async function list(exchange: SignedExchange): Promise<Answer> {
    const query = readListQuery(exchange.query, Object.keys(SORT_KEYS))
    const asked = wordsOf(exchange.query, 'contractIds').map((id) => id.replace(/^ctr_/, ''))
    const zones = (await useCases.listZones(exchange.caller)).filter(
      (zone) =>
        zone.name.includes(query.search) &&
        (asked.length === 0 || asked.includes(zone.contractId)) &&
        (query.types.length === 0 || query.types.includes('PRIMARY')),
    )
    const { items, total } = pageOf(zones, query, SORT_KEYS)
    const { page, pageSize, showAll } = query
    const contractIds = [...new Set(zones.map((zone) => zone.contractId))]
    const metadata = { contractIds, page, pageSize, showAll, totalElements: total }
    return json({ metadata, zones: items.map(zoneJson) })
  }

  async function create(exchange: SignedExchange): Promise<Answer> {
    const { query: contractId, body: zone } = readWithQuery(
      () => requiredContract(exchange.query),
      () => decodeZone(readJson(exchange), null),
    )
    const created = await useCases.createZone(exchange.caller, { ...zone, contractId })
    return json(zoneJson(created), { status: 201 })
  }

  async function update(exchange: SignedExchange): Promise<Answer> {
    const name = zoneIn(exchange)
    const { settings } = await afterLookingFor(
      () => useCases.getZone(exchange.caller, name),
      () => decodeZone(readJson(exchange), name),
    )
    return json(zoneJson(await useCases.updateZone(exchange.caller, name, settings)))
  }

  async function changeList(exchange: SignedExchange): Promise<Answer> {
    const name = zoneName(exchange.query.get('zone') ?? '')
    if (name === null) throw new Problem('not-found')
    return json(changeListJson(await useCases.getZone(exchange.caller, name)), { status: 201 })
  }

  async function submit(exchange: SignedExchange): Promise<Answer> {
    await useCases.getZone(exchange.caller, zoneIn(exchange))
    return NO_CONTENT
  }

  async function authorities(exchange: SignedExchange): Promise<Answer> {
    const asked = wordsOf(exchange.query, 'contractIds').map((id) => id.replace(/^ctr_/, ''))
    const own = await useCases.contractIdentifiers(exchange.caller)
    const names = useCases.zoneNameServers().map((name) => `${name}.`)
    const contracts = own
      .filter((id) => asked.length === 0 || asked.includes(id))
      .map((contractId) => ({ contractId, authorities: names }))
    return json({ contracts })
  }

  const shown =
    (toJson: (zone: ZoneRecord) => JsonObject) =>
    async (exchange: SignedExchange): Promise<Answer> =>
      json(toJson(await useCases.getZone(exchange.caller, zoneIn(exchange))))

  const deletion =
    (toJson: (deletion: ZoneDeletion) => JsonObject) =>
    async (exchange: SignedExchange): Promise<Answer> =>
      json(toJson(await useCases.getZoneDeletion(exchange.caller, exchange.parameters['requestId'] ?? '')))

  return [
    {
      method: 'GET',
      path: `${EDGE_DNS}/zones`,
      operationId: 'listZones',
      summary: 'The DNS zones of the account',
      access: 'read',
      success: [200],
      query: [
        ...LIST_PARAMETERS,
        { name: 'contractIds', meaning: 'Only zones of these contracts, between commas' },
      ],
      answerSchema: zonesAnswer,
      answer: list,
    },
    {
      method: 'POST',
      path: `${EDGE_DNS}/zones`,
      operationId: 'createZone',
      summary: 'Keep a DNS zone; it is answered for at once, with an SOA and NS',
      access: 'write',
      success: [201],
      query: [
        { name: 'contractId', meaning: 'Whose the zone is', required: true },
        { name: 'gid', meaning: 'Ignored: Certrail has no groups' },
      ],
      bodySchema: zoneBody,
      answerSchema: zoneAnswer,
      answer: create,
    },
    {
      method: 'POST',
      path: `${EDGE_DNS}/zones/delete-requests`,
      operationId: 'deleteZones',
      summary: 'Delete zones with all their records',
      access: 'write',
      success: [201],
      query: [{ name: 'bypassSafetyChecks', meaning: 'Ignored' }],
      bodySchema: deletionBody,
      answerSchema: deletionAnswer,
      answer: async (exchange) => {
        const zones = decodeDeletion(readJson(exchange))
        return json(deletionJson(await useCases.deleteZones(exchange.caller, zones)), { status: 201 })
      },
    },
    {
      method: 'GET',
      path: `${EDGE_DNS}/zones/delete-requests/:requestId`,
      operationId: 'getZoneDeletionStatus',
      summary: 'Whether a deletion of zones is complete',
      access: 'read',
      success: [200],
      answerSchema: deletionStatusAnswer,
      answer: deletion(deletionStatusJson),
    },
    {
      method: 'GET',
      path: `${EDGE_DNS}/zones/delete-requests/:requestId/result`,
      operationId: 'getZoneDeletionResult',
      summary: 'What became of each zone of a deletion',
      access: 'read',
      success: [200],
      answerSchema: deletionResultAnswer,
      answer: deletion(deletionResultJson),
    },
    {
      method: 'GET',
      path: `${EDGE_DNS}/zones/:zone`,
      operationId: 'getZone',
      summary: 'A DNS zone',
      access: 'read',
      success: [200],
      answerSchema: zoneAnswer,
      answer: shown(zoneJson),
    },
    {
      method: 'PUT',
      path: `${EDGE_DNS}/zones/:zone`,
      operationId: 'updateZone',
      summary: 'Change the settings of a DNS zone',
      access: 'write',
      success: [200],
      bodySchema: zoneBody,
      answerSchema: zoneAnswer,
      answer: update,
    },
    {
      method: 'POST',
      path: `${EDGE_DNS}/changelists`,
      operationId: 'createChangeList',
      summary: 'Begin a change list; what is changed is active at once, so there is nothing in it',
      access: 'write',
      success: [201],
      query: [{ name: 'zone', meaning: 'The zone', required: true }],
      namesObjectInQuery: true,
      answerSchema: changeListAnswer,
      answer: changeList,
    },
    {
      method: 'GET',
      path: `${EDGE_DNS}/changelists/:zone`,
      operationId: 'getChangeList',
      summary: 'The change list of a zone',
      access: 'read',
      success: [200],
      answerSchema: changeListAnswer,
      answer: shown(changeListJson),
    },
    {
      method: 'POST',
      path: `${EDGE_DNS}/changelists/:zone/submit`,
      operationId: 'submitChangeList',
      summary: 'Submit a change list',
      access: 'write',
      success: [204],
      answer: submit,
    },
    {
      method: 'GET',
      path: `${EDGE_DNS}/data/authorities`,
      operationId: 'listAuthorities',
      summary: 'The name servers that answer for zones',
      access: 'read',
      success: [200],
      query: [{ name: 'contractIds', meaning: 'Only these contracts, between commas' }],
      answerSchema: authoritiesAnswer,
      answer: authorities,
    },
  ]
}
