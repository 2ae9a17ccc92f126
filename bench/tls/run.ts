/**
 * `npm run bench:tls`: what one reading costs this side in CPU: of an http target, of an https target with a handshake of its own
 * each time, and of one whose TLS session is kept, which is what the service does. Rounds alternate; the target is a
 * process of its own. A certificate of a public authority comes with one or two more to be checked: that makes the second
 * dearer, not the third.
 */
import { randomUUID } from 'node:crypto';
import { createAddressPolicy, parseTargetAllow } from '../../src/sources/network/address-policy.ts';
import { openOutgoing } from '../../src/sources/network/outgoing.ts';
import { createTargetClient } from '../../src/sources/pull/client.ts';
import { median } from '../load.ts';
import { pinSelf, startPinned } from '../pinned-process.ts';

const ROUNDS = 5;
const READS = 400;
/** Reads under way at once. */
const SIDE_BY_SIDE = 8;

await pinSelf(0);
const target = await startPinned(1, ['bench/tls/target.ts'], {}, '}');
try {
  const { http, https, cert } = JSON.parse(target.readyLine) as { http: string; https: string; cert: string };
  const allow = parseTargetAllow('127.0.0.0/8');
  if (!allow.ok) throw new Error('no policy');
  const deps = {
    allow: createAddressPolicy(allow.allow),
    outgoing: openOutgoing({ authorities: cert }),
    now: Date.now,
    nonce: randomUUID,
  };
  const client = createTargetClient(deps);
  const read = async (url: string, by = client) => {
    const { outcome } = await by.read({ url, timeoutMs: 5_000, hmac: null });
    if (outcome !== 'ok') throw new Error(`${url}: ${outcome}`);
  };
  const kinds = {
    http: async () => await read(http),
    'https, a handshake each': async () => await read(https, createTargetClient(deps)),
    'https, the session kept': async () => await read(https),
  };
  const cost = new Map<string, number[]>();
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [kind, one] of Object.entries(kinds)) {
      const before = process.cpuUsage();
      await Promise.all(
        Array.from({ length: SIDE_BY_SIDE }, async () => {
          for (let index = 0; index < READS / SIDE_BY_SIDE; index += 1) await one();
        }),
      );
      const { user, system } = process.cpuUsage(before);
      // The first round compiles.
      if (round > 0) cost.set(kind, [...(cost.get(kind) ?? []), (user + system) / 1_000 / READS]);
    }
  }
  console.log(`CPU of one reading, ms; median of ${ROUNDS} rounds of ${READS}`);
  for (const [kind, each] of cost) console.log(`  ${kind.padEnd(26)}${median(each).toFixed(2)}`);
} finally {
  await target.stop();
}
