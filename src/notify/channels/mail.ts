import { createTransport } from 'nodemailer';
import type { ChannelTarget } from '../../model/notification.ts';
import type { Network } from '../../sources/http/visit.ts';
import { connectGuarded } from '../../sources/network/connect-guarded.ts';
import type { Message } from '../message.ts';
import { failedAttempt, type Notifier, type Parcel } from '../notifier.ts';
import { connectionFailure } from './post.ts';
import { renderMail } from './render-mail.ts';

type Target = Extract<ChannelTarget, { readonly kind: 'mail' }>;

/** A server of mail, as SEQPULSE_SMTP_URL and SEQPULSE_MAIL_FROM name it. */
export interface MailServer {
  /** `smtp:` speaks TLS where the server offers it (STARTTLS), `smtps:` from the first byte on. */
  readonly url: URL;
  readonly from: string;
}

/** In all, milliseconds: some servers wait before they greet. */
const MAIL_TIMEOUT_MS = 20_000;
/** All that a server says in one conversation. */
const MAX_BYTES = 256 * 1024;
const PORTS: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465 };

/** Mail through one server, a connection a message. `server` null: there is none. */
export function createMail(deps: { readonly network: Network; readonly server: MailServer | null }): Notifier<Target> {
  const { network, server } = deps;
  return {
    render: (message: Message) => JSON.stringify(renderMail(message)),
    notify: async (parcel) =>
      server === null
        ? failedAttempt('there is no mail server: set SEQPULSE_SMTP_URL and SEQPULSE_MAIL_FROM')
        : await send(network, server, parcel),
  };
}

async function send(network: Network, server: MailServer, parcel: Parcel<Target>) {
  const { url, from } = server;
  const isSecure = url.protocol === 'smtps:';
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (PORTS[url.protocol] ?? 25) : Number(url.port);
  const deadline = AbortSignal.timeout(MAIL_TIMEOUT_MS);
  const signal = AbortSignal.any([parcel.signal, deadline]);
  let socket: Awaited<ReturnType<typeof connectGuarded>>;
  try {
    socket = await connectGuarded(network, { hostname, port, signal, mostBytes: MAX_BYTES });
  } catch (error) {
    if (parcel.signal.aborted) throw parcel.signal.reason;
    return deadline.aborted ? lateAttempt : connectionFailure(error);
  }
  const transport = createTransport({
    host: hostname,
    port,
    secure: isSecure,
    // What is signed in with must not pass in the clear where the server could have encrypted.
    requireTLS: !isSecure && url.username !== '' && !isLoopback(socket.remoteAddress),
    tls: { servername: hostname },
    ...(url.username === ''
      ? {}
      : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
    getSocket: (_options, callback) => callback(null, { connection: socket }),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const onAbort = () => socket.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const { subject, text, html } = JSON.parse(parcel.body) as ReturnType<typeof renderMail>;
    await transport.sendMail({
      from,
      to: [...parcel.target.to],
      subject,
      text,
      html,
      // The same at every attempt: a server may know by it that it has the mail already.
      messageId: `<${parcel.id}@${from.replace(/^.*@|>.*$/g, '') || 'seqpulse'}>`,
      date: parcel.occurredAt,
      // RFC 3834: no out-of-office answers.
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    return { outcome: 'delivered' } as const;
  } catch (error) {
    if (parcel.signal.aborted) throw parcel.signal.reason;
    return deadline.aborted ? lateAttempt : failedAttempt(smtpReason(error));
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
  }
}

const lateAttempt = failedAttempt(`the mail server did not take it within ${MAIL_TIMEOUT_MS / 1000} s`);

/** A server's own words may name people and addresses: its code is enough. */
function smtpReason(error: unknown): string {
  const { responseCode, command, code } = error as { responseCode?: number; command?: string; code?: string };
  if (code === 'EAUTH') return 'the mail server refused to let us in: see SEQPULSE_SMTP_URL';
  if (responseCode !== undefined) return `the mail server answered ${responseCode}${command ? ` to ${command}` : ''}`;
  if (code === 'ETLS') return 'the mail server offers no TLS, which signing in asks for';
  return `the mail could not be handed over (${code ?? 'unknown reason'})`;
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(127\.|::1$|::ffff:127\.)/.test(address);
}
