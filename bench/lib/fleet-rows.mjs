const DAY = 86_400_000
const LIFETIME = 90 * DAY
/** Of so many one has a certificate of six days. */
const ONE_LIVES_SHORTLY = 20
const SHORT_LIFETIME = 6 * DAY
/** Of so many one has a change under way; of so many one change, one renewal and one notice are due. */
const ONE_WAITS = 50
const ONE_IS_DUE = 1_000
const ACCOUNT = 'A-BENCH'

const SETTINGS = JSON.stringify({
  ra: 'lets-encrypt',
  validationType: 'dv',
  certificateType: 'san',
  changeManagement: false,
  csr: { cn: 'bench.example', sans: ['www.bench.example', 'api.bench.example'], preferredTrustChain: null },
  networkConfiguration: { geography: 'core', secureNetwork: 'enhanced-tls', sniOnly: true },
  orgId: null,
})

/**
 * A fleet as it stands after some years, written as rows: each enrollment live with a change that is over, its renewal planned within two months; of a thousand
 * one renewal, one change and one notice are due at `now`.
 */
export async function writeFleet(query, { enrollments, now }) {
  // Rows that hang on rows which are not there would be refused by keys that the questions do not look at.
  await query('set session_replication_role = replica')
  await query(`insert into accounts values ('${ACCOUNT}', 'bench', null, 0)`)
  for (const statement of statements(enrollments, now)) await query(statement)
  for (const table of ['enrollments', 'changes', 'notices', 'deployments', 'network_names', 'served_looks'])
    await query(`vacuum analyze ${table}`)
}

const statements = (count, now) => [
  `insert into enrollments (id, account_id, contract_id, settings, settled_settings, common_name, assigned_slots,
     created_at, auto_renewal_at, renew_at, live_from, live_until, ask_at, plan_look_at, names_look_at)
   select id, '${ACCOUNT}', 'C', '${SETTINGS}', '${SETTINGS}', 'n' || id || '.example', array[id], ${now},
     renew_at, case when id % ${ONE_WAITS} = 1 then null else renew_at end,
     renew_at - lifetime / 3 * 2, renew_at + lifetime / 3, ${now} + id % ${DAY / 4} + 60000, renew_at,
     case when id % ${ONE_IS_DUE} = 0 then ${now} else renew_at - lifetime / 10 end
   from (select id, case when id % ${ONE_LIVES_SHORTLY} = 3 then ${SHORT_LIFETIME}::bigint else ${LIFETIME}::bigint end as lifetime,
     case when id % ${ONE_IS_DUE} = 0 then ${now} - id % 60000
     else ${now} + 3600000 + (id * 7919) % ${60 * DAY} end as renew_at from generate_series(1::bigint, ${count}) as id) as planned`,
  `insert into changes (id, enrollment_id, account_id, action, status, state, settings, effects, progress, findings,
     next_at, created_by, created_at, entered_at, updated_at)
   select id, id, '${ACCOUNT}', 'renewal', 'complete', 'completed', '${SETTINGS}', '[]', '{}', '[]',
     null, 'automatic renewal', 0, 0, 0 from generate_series(1::bigint, ${count}) as id`,
  `insert into changes (id, enrollment_id, account_id, action, status, state, settings, effects, progress, findings,
     next_at, created_by, created_at, entered_at, updated_at)
   select ${count} + id, id, '${ACCOUNT}', 'renewal', 'coordinate-domain-validation', 'running', '${SETTINGS}', '[]', '{}', '[]',
     case when id % ${ONE_IS_DUE} = 1 then ${now} - id % 60000 else ${now} + 60000 + id % ${DAY} end,
     case when id % 3 = 0 then 'a person' else 'automatic renewal' end, 0, 0, 0
   from generate_series(1::bigint, ${count}, ${ONE_WAITS}) as id`,
  `insert into notices (account_id, enrollment_id, change_id, occasion, text, due_at)
   select '${ACCOUNT}', id, id, 'expiry-near', 'expires soon',
     case when id % ${ONE_IS_DUE} = 0 then ${now} - id % 60000 else ${now} + 60000 + (id * 7919) % ${60 * DAY} end
   from generate_series(1::bigint, ${count}) as id`,
  `insert into deployments (id, account_id, enrollment_id, change_id, network, certificate_ids, settings, served_names,
     state, replaces, created_at, activated_at)
   select id || '-production', '${ACCOUNT}', id, id, 'production', array['c' || id], '{}', array['n' || id || '.example'],
     'active', '{}', 0, 0 from generate_series(1::bigint, ${count}) as id`,
  `insert into network_names (network, name, deployment_id)
   select 'production', 'n' || id || '.example', id || '-production' from generate_series(1::bigint, ${count}) as id`,
  `insert into served_looks (deployment_id, real_looked_at, real_due_at)
   select id || '-production', ${now} - id % 600000, case when id % ${ONE_IS_DUE} = 0 then 0 else ${now} - id % 600000 + 900000 end
   from generate_series(1::bigint, ${count}) as id`,
]
