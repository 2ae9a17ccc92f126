import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Answer } from '../../harness/api.ts';

/** A bare TCP connection to the service: for what no HTTP client would ever send. */
export async function dial(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket;
}

/** Sends these bytes and reads until the service closes the connection or has sent one whole answer. */
export async function sendRaw(url: string, bytes: string | Buffer): Promise<Answer> {
  const socket = await dial(url);
  socket.on('error', () => {});
  socket.write(bytes);
  return await readAnswer(socket);
}

/** Reads one answer from the socket, then closes it. */
export async function readAnswer(socket: Socket): Promise<Answer> {
  let text = '';
  for await (const chunk of socket) {
    text += (chunk as Buffer).toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    const length = /^content-length: (\d+)/im.exec(text)?.[1];
    if (end >= 0 && length !== undefined && text.length >= end + 4 + Number(length)) break;
  }
  socket.destroy();
  return parseAnswer(text);
}

function parseAnswer(text: string): Answer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = new Headers();
  for (const line of lines) {
    const [name = '', ...value] = line.split(':');
    headers.append(name, value.join(':').trim());
  }
  const body = Buffer.from(rest.join('\r\n\r\n'), 'latin1').toString('utf8');
  const isJson = headers.get('content-type')?.includes('json') ?? false;
  return {
    status: Number(statusLine.split(' ')[1] ?? 0),
    headers,
    body: isJson && body !== '' ? JSON.parse(body) : body,
  };
}
