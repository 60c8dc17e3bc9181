import { Option } from 'commander'
import { REVOCATION_REASON_NAMES } from '../../domain/certificate/revocation.ts'
import { type AddCommand, type CommonOptions, connected, withConnection } from '../context.ts'
import { findEnrollment } from '../enrollment-reference.ts'
import { EXIT } from '../exit-code.ts'

interface RevokeOptions extends CommonOptions {
  readonly reason: string
  readonly serial?: string
  readonly byCertificateKey?: true
}

export const addRevoke: AddCommand = (program, context) => {
  withConnection(program.command('revoke'))
    .description('revoke a certificate of an enrollment at its CA, for good; what serves goes on serving')
    .argument('<enrollment>', 'id or common name')
    .addOption(
      new Option('--reason <word>', 'why (RFC 5280 section 5.3.1)')
        .choices([...REVOCATION_REASON_NAMES])
        .default('unspecified'),
    )
    .option('--serial <hex>', 'serial number of the certificate (default: the newest)')
    .option('--by-certificate-key', "sign by the certificate's own key instead of the account's")
    .action((reference: string, options: RevokeOptions) =>
      connected(context, options, async ({ session: { calls }, printer }) => {
        const { id } = await findEnrollment(calls, reference)
        const revoked = await calls.revokeCertificate(id, {
          reason: options.reason,
          signedBy: options.byCertificateKey === true ? 'certificate' : 'account',
          ...(options.serial === undefined ? {} : { serialNumber: options.serial }),
        })
        printer.data({ ...revoked })
        printer.text(`Revoked: ${revoked.serialNumber} (${revoked.reason})\n`)
        return EXIT.done
      }),
    )
}
