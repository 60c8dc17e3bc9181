import { createHash, createPublicKey, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { loadKeyEncryptionKey } from '../../dist/custody/key-encryption-key.js'
import { createSecrets } from '../../dist/custody/secrets.js'
import { keyPairContext } from '../../dist/app/key-pairs.js'
import { edgeGeneration } from '../../dist/app/generation.js'
import { systemRandom } from '../../dist/observe/system-random.js'
import { createDatabase } from '../../dist/store/database.js'
import { readDataKeys } from '../../dist/store/data-keys.js'
import { createEdgeWishes } from '../../dist/store/edge-wishes.js'

const FIRST_ENROLLMENT = 1_000_000
const FIRST_CHANGE = 2_000_000
const AT_ONCE = 500

/** The secrets of a home, as its server opens them. */
export async function openSecrets(pool, home) {
  const keyEncryptionKey = await loadKeyEncryptionKey(join(home, 'keys', 'kek'), { mayCreate: false })
  const dataKeys = await readDataKeys(createDatabase(pool))
  return createSecrets({ keyEncryptionKey, dataKeys, random: systemRandom() })
}

/**
 * Enrollments that are live in production, as many as there are leaves: rows like those of the one enrollment that is there, with certificates and sealed keys of
 * their own. Nothing of them is due.
 */
export async function writeServedFleet(pool, { leaves, rootPem, secrets }) {
  const client = await pool.connect()
  try {
    await client.query('set session_replication_role = replica')
    for (let from = 0; from < leaves.length; from += AT_ONCE) {
      const rows = leaves.slice(from, from + AT_ONCE).map((leaf, index) => rowOf(leaf, from + index))
      const account = (await client.query('select account_id from enrollments limit 1')).rows[0].account_id
      const sealed = rows.map((row) => ({
        ...row,
        sealed: secrets
          .seal(row.privateKey, keyPairContext({ id: row.key_pair, accountId: account }))
          .toString('hex'),
        chain: rootPem,
      }))
      for (const statement of STATEMENTS) await client.query(statement, [JSON.stringify(sealed)])
    }
    for (const table of [
      'enrollments',
      'changes',
      'certificates',
      'key_pairs',
      'deployments',
      'network_names',
    ])
      await client.query(`vacuum analyze ${table}`)
  } finally {
    client.release(true)
  }
}

function rowOf({ name, certificatePem, privateKey }, index) {
  const certificate = new X509Certificate(certificatePem)
  const publicKey = createPublicKey(certificatePem).export({ type: 'spki', format: 'der' })
  return {
    name,
    certificate: certificatePem,
    privateKey,
    enrollment: FIRST_ENROLLMENT + index,
    change: FIRST_CHANGE + index,
    key_pair: `bench-key-${index}`,
    certificate_id: `bench-certificate-${index}`,
    deployment: `${FIRST_CHANGE + index}-production`,
    serial: certificate.serialNumber.toLowerCase(),
    fingerprint: createHash('sha256').update(certificate.raw).digest('hex'),
    public_key: publicKey.toString('hex'),
  }
}

const ROWS = `jsonb_to_recordset($1::jsonb) as made (name text, certificate text, chain text, enrollment bigint, change bigint, key_pair text,
  certificate_id text, deployment text, serial text, fingerprint text, public_key text, sealed text)`

/** Each of the first row of its table, with what is its own. */
const like = (table, own, where = 'true') => `insert into ${table}
  select (jsonb_populate_record(first, jsonb_build_object(${own}))).*
  from ${table} as first, ${ROWS} where first.id = (select id from ${table} where ${where} order by id limit 1)`

const STATEMENTS = [
  like(
    'enrollments',
    `'id', made.enrollment, 'common_name', made.name, 'assigned_slots', jsonb_build_array(made.enrollment), 'auto_renewal_at', null,
     'renew_at', null, 'live_from', null, 'live_until', null, 'ask_at', null`,
  ),
  like(
    'changes',
    `'id', made.change, 'enrollment_id', made.enrollment, 'next_at', null`,
    `state = 'completed'`,
  ),
  `insert into key_pairs (id, account_id, enrollment_id, change_id, key_algorithm, sealed_private_key, public_key, signing_request_pem, created_at)
   select made.key_pair, first.account_id, made.enrollment, made.change, 'ECDSA', decode(made.sealed, 'hex'), decode(made.public_key, 'hex'), '', 0
   from (select account_id from enrollments order by id limit 1) as first, ${ROWS}`,
  like(
    'certificates',
    `'id', made.certificate_id, 'enrollment_id', made.enrollment, 'change_id', made.change, 'key_pair_id', made.key_pair,
     'certificate_pem', made.certificate, 'chain_pem', made.chain, 'serial_number', made.serial, 'fingerprint', made.fingerprint`,
  ),
  like(
    'deployments',
    `'id', made.deployment, 'enrollment_id', made.enrollment, 'change_id', made.change, 'certificate_ids', jsonb_build_array(made.certificate_id),
     'served_names', jsonb_build_array(made.name), 'replaces', '{}'::jsonb`,
    `network = 'production' and state = 'active'`,
  ),
  `insert into network_names (network, name, deployment_id) select 'production', made.name, made.deployment from ${ROWS}`,
]

/** What production is wished to answer, as an edge process reads it: generations with their names. */
export async function wishedGenerations(pool, secrets) {
  const wishes = createEdgeWishes(createDatabase(pool))
  const namesOf = new Map()
  for (const [name, id] of await wishes.names('production'))
    namesOf.set(id, [...(namesOf.get(id) ?? []), name])
  return (await wishes.deployments([...namesOf.keys()])).map(({ deployment, certificates }) => ({
    generation: edgeGeneration(secrets, deployment, certificates),
    names: namesOf.get(deployment.id),
  }))
}
