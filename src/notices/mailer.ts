import { createTransport } from 'nodemailer'
import type { SendMail } from '../ports/notices.ts'

export interface MailerOptions {
  /** `smtp://` or `smtps://`, with credentials where the server wants them. */
  readonly url: string
  readonly from: string
  readonly timeoutMs: number
}

/** SMTP (RFC 5321). The id of a mail becomes its Message-ID, so that one that is sent twice is known to be the same (RFC 5322 section 3.6.4). */
export function createMailer({ url, from, timeoutMs }: MailerOptions): SendMail {
  const transport = createTransport(
    { url, connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
    { from, disableFileAccess: true, disableUrlAccess: true },
  )
  return async ({ id, to, subject, text }) => {
    // An address is one address: a list of them, or a display name, is not what a contact may smuggle in.
    await transport.sendMail({
      messageId: `<${id}@certrail>`,
      to: { name: '', address: to },
      subject,
      text,
      headers: { 'auto-submitted': 'auto-generated' },
    })
  }
}
