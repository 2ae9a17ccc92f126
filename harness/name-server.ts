import { createSocket, type Socket } from 'node:dgram';

const A = 1;
const QUERY_HEADER_BYTES = 12;
/** RFC 1035 §4.1.1: an answer, recursion available; the last four bits are the code. */
const ANSWER_FLAGS = 0x8180;
const NXDOMAIN = 3;

/** What a name server does with a name: answers with 127.0.0.1, says that there is none, or never says a word. */
export type NameBehaviour = 'loopback' | 'missing' | 'silent';

/** `behaviourOf` may take its time: the answer comes then. A name server on 127.0.0.1:53 (RFC 1035, as much of it as getaddrinfo asks for). Needs the right to open the port. */
export async function startNameServer(
  behaviourOf: (name: string) => NameBehaviour | Promise<NameBehaviour>,
): Promise<AsyncDisposable> {
  const socket = createSocket('udp4');
  socket.on('message', async (query, from) => {
    const { name, type, end } = questionOf(query);
    const behaviour = await behaviourOf(name);
    if (behaviour === 'silent') return;
    socket.send(
      answerTo(query.subarray(0, end), behaviour === 'loopback' && type === A, behaviour === 'missing'),
      from.port,
      from.address,
    );
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(53, '127.0.0.1', resolve);
  });
  return { [Symbol.asyncDispose]: async () => await closed(socket) };
}

async function closed(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => socket.close(resolve));
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = QUERY_HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** Header and question repeated; `hasAddress`: one A record that points at the question's name. */
function answerTo(question: Buffer, hasAddress: boolean, isMissing: boolean): Buffer {
  const answer = Buffer.from(question);
  answer.writeUInt16BE(ANSWER_FLAGS | (isMissing ? NXDOMAIN : 0), 2);
  answer.writeUInt16BE(hasAddress ? 1 : 0, 6);
  answer.writeUInt32BE(0, 8);
  if (!hasAddress) return answer;
  const record = Buffer.from([0xc0, QUERY_HEADER_BYTES, 0, A, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1]);
  return Buffer.concat([answer, record]);
}
