import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { StartError } from '../model/start-error.ts';
import { problemDocument } from './middleware/problem.ts';
import type { ErrorCode } from './problems.ts';

export interface HttpServer {
  /** With the real port when 0 was asked for. */
  readonly url: string;
  readonly port: number;
  /** Takes no new connections and waits for the requests under way, `graceSeconds` at most. */
  close(graceSeconds: number): Promise<void>;
}

/** Listens, or rejects with one clear line. */
export async function listen(handler: RequestListener, host: string, port: number): Promise<HttpServer> {
  const server = createServer(
    {
      // A client that drips its header or body holds a socket for this long at the most.
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      // How often the two are looked at: with node:http's 30 s, ten seconds could be forty.
      connectionsCheckingInterval: 2_000,
      // Longer than the 60 s of common load balancers: the side that reuses a connection must not be the last to know.
      keepAliveTimeout: 65_000,
      // node:http would refuse it itself, with an empty answer.
      requireHostHeader: false,
    },
    (request, response) => {
      if (request.httpVersion === '1.1' && request.headers.host === undefined) refuseHostless(response);
      else handler(request, response);
    },
  );
  server.on('clientError', answerBrokenRequest);
  // Without a listener node:http says `100 Continue` before key and length were looked at: read-json.ts says it.
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
  // Without a listener node:http answers 417 with no body; RFC 9110 §10.1.1 lets us pass over what we do not know.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  // Without a listener node:http hangs up without a word.
  server.on('connect', (_request: IncomingMessage, socket: Socket) => refuseTunnel(socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, host, port)));
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const shownHost = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    port: address.port,
    url: `http://${shownHost}:${address.port}`,
    close: async (graceSeconds) => await close(server, graceSeconds),
  };
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new StartError(`Port ${port} on ${host} is already in use: stop what listens there, or set PORT.`);
  }
  if (error.code === 'EACCES') {
    return new StartError(`Port ${port} may not be opened by this user: set PORT to one above 1023.`);
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new StartError(`${host} is not an address of this machine: set HOST.`);
  }
  return error;
}

const CLOSE_IDLE_EVERY_MS = 50;

async function close(server: Server, graceSeconds: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Again and again: a connection whose request was under way becomes idle only now, and its client would keep it.
  const sweep = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
  const force = setTimeout(() => server.closeAllConnections(), graceSeconds * 1000);
  await closed;
  clearInterval(sweep);
  clearTimeout(force);
}

/** What is not HTTP never reaches Koa; it gets a problem document all the same. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const timedOut = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const [status, phrase] = tooLarge
    ? [431, 'Request Header Fields Too Large']
    : timedOut
      ? [408, 'Request Timeout']
      : [400, 'Bad Request'];
  endWithProblem(socket, 'MALFORMED_REQUEST', `This is not a complete HTTP request: ${phrase.toLowerCase()}.`, {
    status,
    phrase,
  });
}

function refuseTunnel(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  endWithProblem(socket, 'METHOD_NOT_ALLOWED', 'This service is no proxy.', {
    status: 405,
    phrase: 'Method Not Allowed',
    headers: 'Allow: DELETE, GET, HEAD, PATCH, POST, PUT\r\n',
  });
}

const CUT_REFUSED_AFTER_MS = 1_000;

function endWithProblem(
  socket: Socket,
  code: ErrorCode,
  detail: string,
  line: { readonly status: number; readonly phrase: string; readonly headers?: string },
): void {
  const body = JSON.stringify({ ...problemDocument(code, detail), status: line.status });
  // node:http has let go of this socket: nobody else ends it when its client does not. Not at once, for what has not
  // been read yet would reset the connection and take the answer with it.
  socket.resume();
  const cut = setTimeout(() => socket.destroy(), CUT_REFUSED_AFTER_MS);
  socket.once('close', () => clearTimeout(cut));
  socket.end(
    `HTTP/1.1 ${line.status} ${line.phrase}\r\nContent-Type: application/problem+json\r\n${line.headers ?? ''}` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function refuseHostless(response: ServerResponse): void {
  const body = JSON.stringify(problemDocument('MALFORMED_REQUEST', 'An HTTP/1.1 request needs a Host header.'));
  response
    .writeHead(400, {
      'Content-Type': 'application/problem+json',
      'Content-Length': Buffer.byteLength(body),
      Connection: 'close',
    })
    .end(body);
}
