import { ALGORITHMS, type TsigAlgorithm, type TsigKey } from './transaction-signature.ts'

const CLAUSE = /^\s*key\s+"?([^"\s{;]+)"?\s*\{([^}]*)\}\s*;?\s*$/
const COMMENT = /\/\*[\s\S]*?\*\/|(?:\/\/|#).*$/gm
const LEAST_OCTETS = 16

/** Reads the one clause that `tsig-keygen` writes, the same file that BIND includes. Throws an Error that quotes nothing of it. */
export function readKeyFile(text: string): TsigKey {
  const clause = CLAUSE.exec(text.replace(COMMENT, ''))
  if (clause === null) throw new Error('not one clause `key "NAME" { algorithm …; secret "…"; };`')
  const [, name = '', body = ''] = clause
  const given = new Map(
    body.split(';').flatMap((statement) => {
      const [word, value] = statement.trim().split(/\s+/, 2)
      return word !== undefined && value !== undefined ? [[word, value.replaceAll('"', '')] as const] : []
    }),
  )
  const algorithm = given.get('algorithm')?.toLowerCase() ?? ''
  if (!isAlgorithm(algorithm))
    throw new Error(`the algorithm is none of ${Object.keys(ALGORITHMS).join(', ')}`)
  const secret = Buffer.from(given.get('secret') ?? '', 'base64')
  if (secret.length < LEAST_OCTETS)
    throw new Error(`the secret is shorter than ${LEAST_OCTETS} octets of base64`)
  return { name: name.toLowerCase().replace(/\.$/, ''), algorithm, secret }
}

const isAlgorithm = (word: string): word is TsigAlgorithm => Object.hasOwn(ALGORITHMS, word)
