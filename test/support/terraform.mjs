#!/usr/bin/env node
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createClient } from '../../bench/lib/client.mjs'
import { makeOutsideAuthority } from '../../bench/lib/outside-authority.mjs'
import { createProvider } from '../../bench/lib/provider.mjs'

/**
 * Stands on PATH as `terraform` where no provider can be had: for the resources that a configuration has it sends what the provider sends for them, and
 * keeps their ids in a state. It reads of the configuration the kinds of its resources and its variables, so it refuses what it cannot replay.
 */
const REPLAYED = {
  zone: ['resource akamai_dns_zone'],
  site: [
    'data akamai_cps_csr',
    'resource akamai_cps_dv_enrollment',
    'resource akamai_cps_dv_validation',
    'resource akamai_cps_third_party_enrollment',
    'resource akamai_cps_upload_certificate',
    'resource akamai_dns_record',
    'resource tls_locally_signed_cert',
    'resource tls_private_key',
    'resource tls_self_signed_cert',
  ],
}

const argv = process.argv.slice(2)
const directory = resolve(optionOf('-chdir') ?? '.')
const command = argv.find((word) => !word.startsWith('-'))
const kind = directory.split('/').at(-1)
const WORKSPACE = join(directory, '.workspace')

const configuration = await readConfiguration()
const given = { ...configuration.defaults, ...(await givenVariables()) }
const workspace = await readFile(WORKSPACE, 'utf8').catch(() => 'default')
const STATE = join(directory, `.state.${workspace}.json`)

const COMMANDS = {
  init: async () => {
    const known = REPLAYED[kind]
    if (JSON.stringify(configuration.resources) !== JSON.stringify(known))
      throw new Error(`${kind} has ${configuration.resources.join(', ')}; replayed are ${known?.join(', ')}`)
  },
  workspace: async () => writeFile(WORKSPACE, argv.at(-1)),
  apply: () => withProvider(kind === 'zone' ? applyZone : applySite),
  plan: () => withProvider(planSite),
  destroy: () => withProvider(destroySite),
}

await (COMMANDS[command] ?? unknown)()

function unknown() {
  throw new Error(`terraform ${argv.join(' ')} is not replayed`)
}

async function withProvider(work) {
  const undeclared = Object.keys(given).filter((name) => !configuration.declared.includes(name))
  if (undeclared.length > 0) throw new Error(`undeclared: ${undeclared.join(', ')}`)
  const missing = configuration.declared.filter((name) => given[name] === undefined)
  if (missing.length > 0) throw new Error(`without a value: ${missing.join(', ')}`)
  const client = await createClient(process.env.CERTRAIL_HOME, {
    edgerc: given.edgerc,
    section: given.section,
  })
  const provider = createProvider(client, given.contract_id.replace(/^ctr_/, ''))
  const state = JSON.parse(await readFile(STATE, 'utf8').catch(() => '{}'))
  try {
    await work(provider, state)
  } finally {
    client.close()
    await writeFile(STATE, JSON.stringify(state))
    const { slept } = provider.taken()
    process.stdout.write(`${kind} ${workspace} ${command}: ${slept} polls slept\n`)
  }
}

function applyZone(provider) {
  return provider.createZone(given.zone)
}

async function applySite(provider, state) {
  await applyPages(provider, state)
  if (state.api !== undefined) {
    if (given.acknowledged === 'true' && given.change_management === 'true')
      await provider.acknowledgeUpload(state.api)
    return
  }
  const changeManagement = given.change_management === 'true'
  const { enrollment, requests } = await provider.createThirdParty(`api.${given.zone}`, { changeManagement })
  state.api = enrollment
  const authority = makeOutsideAuthority()
  const signed = requests
    .toSorted((one, other) => one.keyAlgorithm.localeCompare(other.keyAlgorithm))
    .map(({ csr, keyAlgorithm }) => ({
      keyAlgorithm,
      certificate: authority.sign(csr),
      trustChain: authority.rootPem,
    }))
  authority.close()
  state.uploaded = signed
  await provider.upload(enrollment, signed, { acknowledged: given.acknowledged === 'true' })
}

async function applyPages(provider, state) {
  if (state.pages !== undefined) return
  const { enrollment, challenges } = await provider.createDv(`www.${given.zone}`, [`static.${given.zone}`])
  state.pages = enrollment
  state.records = challenges.map(({ domain, value }) => ({
    zone: given.zone,
    name: `_acme-challenge.${domain}`,
    value,
  }))
  // As terraform makes what does not depend on one another: at once.
  await Promise.all(state.records.map((record) => provider.createRecord(record)))
  await provider.validate(enrollment)
}

/** What would be a difference: anything pending, a name that is not as it was sent, an upload that comes back as another text. */
async function planSite(provider, state) {
  const differences = []
  for (const enrollment of [state.pages, state.api]) {
    const { pendingChanges } = await provider.readEnrollment(enrollment)
    if (pendingChanges.length > 0) differences.push(`${enrollment} has a pending change`)
  }
  const { csr } = await provider.readEnrollment(state.pages)
  const sans = csr.sans.filter((name) => name !== csr.cn)
  if (String(sans) !== `static.${given.zone}`) differences.push(`sans are ${sans}`)
  const { primaryCertificate, multiStackedCertificates } = await provider.readUpload(state.api, true)
  for (const { keyAlgorithm, certificate, trustChain } of state.uploaded) {
    const shown = [primaryCertificate, ...multiStackedCertificates].find(
      (one) => one.keyAlgorithm === keyAlgorithm,
    )
    if (shown?.certificate.trim() !== certificate.trim() || shown?.trustChain.trim() !== trustChain.trim())
      differences.push(`the ${keyAlgorithm} certificate is another text`)
  }
  if (differences.length > 0) {
    process.stderr.write(`${differences.join('\n')}\n`)
    process.exitCode = 2
  }
}

async function destroySite(provider, state) {
  await Promise.all(state.records.map((record) => provider.deleteRecord(record)))
  await provider.destroy(state.pages)
  await provider.destroy(state.api)
  for (const name of Object.keys(state)) delete state[name]
}

function optionOf(name) {
  return argv.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1)
}

async function readConfiguration() {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.tf'))
  const text = (await Promise.all(files.map((name) => readFile(join(directory, name), 'utf8')))).join('\n')
  const declarations = [...text.matchAll(/^variable "(\w+)" \{(.*)\}$/gm)]
  const declared = declarations.map(([, name]) => name)
  const used = new Set([...text.matchAll(/\bvar\.(\w+)/g)].map(([, name]) => name))
  const strange = [...used].filter((name) => !declared.includes(name))
  if (strange.length > 0) throw new Error(`used and not declared: ${strange.join(', ')}`)
  const defaults = declarations.flatMap(([, name, body]) => {
    const value = /default = "?([^"\s]*)"?/.exec(body)?.[1]
    return value === undefined ? [] : [[name, value]]
  })
  const resources = [...text.matchAll(/^(resource|data) "(\w+)"/gm)].map(
    ([, what, type]) => `${what} ${type}`,
  )
  return { declared, defaults: Object.fromEntries(defaults), resources: [...new Set(resources)].toSorted() }
}

/** Environment, files, options: each over the one before. */
async function givenVariables() {
  const fromEnvironment = Object.entries(process.env).flatMap(([name, value]) =>
    name.startsWith('TF_VAR_') ? [[name.slice('TF_VAR_'.length), value]] : [],
  )
  const file = optionOf('-var-file')
  const text = file === undefined ? '' : await readFile(join(directory, file), 'utf8')
  const fromFile = [...text.matchAll(/^(\w+)\s*=\s*"?([^"\n]*)"?$/gm)].map(([, name, value]) => [name, value])
  const options = argv.flatMap((word) => (/^-var=(\w+)=(.*)$/.exec(word) ?? []).slice(1, 3))
  return {
    ...Object.fromEntries(fromEnvironment),
    ...Object.fromEntries(fromFile),
    ...(options.length === 2 ? { [options[0]]: options[1] } : {}),
  }
}
