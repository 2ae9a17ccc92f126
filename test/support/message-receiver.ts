import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMessage {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** performance.now() of its arrival. */
  readonly atMs: number;
}

/** What notifications are sent to: webhooks and Slack alike. */
export interface MessageReceiver extends AsyncDisposable {
  readonly url: string;
  /** Everything so far, oldest first. */
  readonly received: ReceivedMessage[];
  /** Set to answer otherwise than with 204; null: that. */
  behaviour: ((response: ServerResponse, message: ReceivedMessage) => void) | null;
}

export async function startMessageReceiver(): Promise<MessageReceiver> {
  const server = createServer(async (request, response) => {
    const atMs = performance.now();
    const message = { path: request.url ?? '/', headers: request.headers, body: await text(request), atMs };
    receiver.received.push(message);
    if (receiver.behaviour === null) response.writeHead(204).end();
    else receiver.behaviour(response, message);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: MessageReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: [],
    behaviour: null,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

export interface MailReceiver extends AsyncDisposable {
  /** As SEQPULSE_SMTP_URL. */
  readonly url: string;
  /** As they came in, oldest first. */
  readonly mails: {
    readonly from: string;
    readonly to: readonly string[];
    readonly raw: string;
    readonly user: string | null;
  }[];
  /** Set to refuse mails with this code; null: takes them. */
  refusal: number | null;
}

/** A real SMTP server on loopback, which takes everything. `user`: it asks for this name, and `password`. */
export async function startMailReceiver(user: string | null = null): Promise<MailReceiver> {
  const server = new SMTPServer({
    authOptional: user === null,
    allowInsecureAuth: true,
    disabledCommands: user === null ? ['AUTH', 'STARTTLS'] : ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) =>
      username === user && password === 'pass word'
        ? done(null, { user: username })
        : done(new Error('Invalid username or password')),
    onData: (stream, session, done) => {
      void text(stream).then((raw) => {
        if (receiver.refusal !== null)
          return done(Object.assign(new Error('not today'), { responseCode: receiver.refusal }));
        const { mailFrom, rcptTo } = session.envelope;
        receiver.mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw,
          user: session.user ?? null,
        });
        done();
      });
    },
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  const receiver: MailReceiver = {
    url: `smtp://${user === null ? '' : `${user}:pass%20word@`}127.0.0.1:${port}`,
    mails: [],
    refusal: null,
    [Symbol.asyncDispose]: async () => await new Promise<void>((resolve) => server.close(() => resolve())),
  };
  return receiver;
}
