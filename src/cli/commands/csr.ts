import { Option } from 'commander'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { Failure } from '../failure.ts'
import { writeTextFile } from '../files.ts'
import type { KeyType } from '../input-calls.ts'
import { atItsMoment, findOpenChange } from '../open-change.ts'

interface CsrOptions extends CommonOptions {
  readonly out?: string
  readonly keyType?: KeyType
}

export const addCsr: AddCommand = (program, context) => {
  withConnection(program.command('csr'))
    .description(
      'print the signing requests of a third-party change as PEM, for a certificate authority of yours',
    )
    .argument('<enrollment>', 'id or common name')
    .option('--out <file>', 'write them there instead of stdout')
    .addOption(new Option('--key-type <type>', 'only this one of a dual stack').choices(['RSA', 'ECDSA']))
    .action((reference: string, options: CsrOptions) =>
      connected(context, options, async ({ session: { calls }, printer, surroundings }) => {
        const { enrollment, key } = await findOpenChange(calls, reference, NONE)
        const all = await atItsMoment(calls, key, calls.signingRequests(key), {
          title: NONE,
          waitsFor: 'has none to show',
        })
        const { keyType, out } = options
        const csrs = all.filter(({ keyAlgorithm }) => keyType === undefined || keyAlgorithm === keyType)
        if (csrs.length === 0) throw missing(keyType, all)
        const pem = csrs.map(({ csr }) => (csr.endsWith('\n') ? csr : `${csr}\n`)).join('')
        if (out !== undefined) writeTextFile(surroundings, out, pem)
        printer.data({ ...key, csrs, file: out ?? null })
        printer.text(
          out === undefined
            ? pem
            : `${out} holds ${csrs.map(({ keyAlgorithm }) => keyAlgorithm).join(' and ')}.\n  next  certrail upload ${enrollment.id} --cert cert.pem --chain chain.pem\n`,
        )
        return EXIT.done
      }),
    )
}

const NONE = 'No signing requests'

const missing = (
  keyType: KeyType | undefined,
  all: readonly { readonly keyAlgorithm: string }[],
): Failure => {
  const there = all.map(({ keyAlgorithm }) => keyAlgorithm).join(', ')
  return new Failure({
    title: NONE,
    detail: keyType === undefined ? 'The change has none.' : `None is ${keyType}; there is: ${there}.`,
  })
}
