import { Option } from 'commander'
import { changeReportData, changeReportText } from '../change-report.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import type { KeyType } from '../input-calls.ts'
import { atItsMoment, findOpenChange, reportAfter } from '../open-change.ts'
import { uploadsOf } from '../upload-files.ts'

interface UploadOptions extends CommonOptions {
  readonly cert: readonly string[]
  readonly chain?: readonly string[]
  readonly keyType?: readonly KeyType[]
}

export const addUpload: AddCommand = (program, context) => {
  withConnection(program.command('upload'))
    .description('upload the certificates that were made from the signing requests, and say what comes next')
    .argument('<enrollment>', 'id or common name')
    .requiredOption('--cert <files...>', 'PEM file with one certificate; two for a dual stack')
    .option('--chain <files...>', 'PEM file with its trust chain; one for both, or one for each --cert')
    .addOption(
      new Option('--key-type <types...>', 'of each --cert (default: as the certificate says)').choices([
        'RSA',
        'ECDSA',
      ]),
    )
    .action((reference: string, options: UploadOptions) =>
      connected(context, options, async ({ session: { calls }, printer, surroundings }) => {
        const uploads = uploadsOf(surroundings, {
          certificates: options.cert,
          chains: options.chain ?? [],
          keyTypes: options.keyType ?? [],
        })
        const open = await findOpenChange(calls, reference, TITLE)
        await atItsMoment(calls, open.key, calls.upload(open.key, uploads), {
          title: TITLE,
          waitsFor: 'takes no certificate',
        })
        const report = await reportAfter(calls, open)
        const uploaded = uploads.map(({ keyAlgorithm }) => keyAlgorithm)
        printer.data({ ...changeReportData(report), uploaded })
        printer.text(`Uploaded: ${uploaded.join(' and ')}.\n${changeReportText(report)}`)
        return EXIT.done
      }),
    )
}

const TITLE = 'Nothing to upload to'
