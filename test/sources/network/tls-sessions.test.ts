import { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { createTlsSessions } from '../../../src/sources/network/tls-sessions.ts';

/** A connection on which the server hands a session out. */
function connected(session: string, isResumed: boolean) {
  const socket = Object.create(TLSSocket.prototype);
  return Object.assign(socket, {
    getProtocol: () => 'TLSv1.2',
    getSession: () => Buffer.from(session),
    isSessionReused: () => isResumed,
    on: () => {},
  }) as TLSSocket;
}
const text = (session: Buffer | undefined) => session?.toString();

test('a session is its origin’s alone, and no one’s when a connection with it has failed', () => {
  const sessions = createTlsSessions();
  sessions.of('https://a').follow(connected('a', false));
  expect(text(sessions.of('https://a').resumed)).toBe('a');
  expect(sessions.of('https://b').resumed).toBeUndefined();
  sessions.of('https://a').drop();
  expect(sessions.of('https://a').resumed).toBeUndefined();
});

test('the certificate is looked at again after an hour, however often the session was renewed meanwhile', () => {
  let nowMs = 0;
  const sessions = createTlsSessions(() => nowMs);
  sessions.of('https://a').follow(connected('first', false));
  for (nowMs = 60_000; nowMs < 3_600_000; nowMs += 60_000) {
    const session = sessions.of('https://a');
    expect(session.resumed).toBeDefined();
    session.follow(connected(`at ${nowMs}`, true));
  }
  expect(sessions.of('https://a').resumed).toBeUndefined();
  sessions.of('https://a').follow(connected('checked', false));
  nowMs += 3_599_999;
  expect(text(sessions.of('https://a').resumed)).toBe('checked');
});

test('beyond the most, what was used longest ago goes', () => {
  const sessions = createTlsSessions(() => 0, { most: 2, lifetimeMs: 1 });
  for (const name of ['a', 'b']) sessions.of(name).follow(connected(name, false));
  sessions.of('a').follow(connected('a again', true));
  sessions.of('c').follow(connected('c', false));
  expect(['a', 'b', 'c'].map((name) => text(sessions.of(name).resumed))).toEqual(['a again', undefined, 'c']);
});
