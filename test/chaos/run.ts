/**
 * `npm run chaos`: three replicas on one PostgreSQL, deployments all along, and whatever can go wrong, one thing after the
 * other, drawn from a seed. `-- --seed 7` runs one again, `-- --long` three of them with 100 deployments each,
 * `-- --failover` kills the leader of a Patroni cluster. Linux; with the right to make namespaces (root, or user
 * namespaces) the network, the resolver and the database's disk are the run's own, without it says what it leaves out.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { isInside, runInside } from '../../harness/own-network.ts';
import { runOwning } from '../../harness/ownership/run-owning.ts';
import type { Check } from './checks.ts';
import { runFailover } from './failover/run-failover.ts';
import { runSeed } from './run-seed.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    rounds: { type: 'string' },
    lifecycles: { type: 'string' },
    long: { type: 'boolean', default: false },
    failover: { type: 'boolean', default: false },
    kills: { type: 'string', default: '10' },
  },
});
/** Lines of what is wrong, for each check. */
const SHOWN = 5;
const SHORT = { lifecycles: 24, rounds: 1 };
const LONG = { lifecycles: 100, rounds: 3 };
const size = values.long ? LONG : SHORT;
const lifecycles = Number(values.lifecycles ?? size.lifecycles);
const rounds = Number(values.rounds ?? size.rounds);
const seeds = values.seed !== undefined ? [Number(values.seed)] : values.long ? [1, 2, 3] : [1];

if (!isInside() && spawnSync('unshare', ['--mount', '--net', 'true']).status === 0) {
  await runOwning('chaos', async ({ folder }) => await runInside(folder));
}
await runOwning('chaos', async ({ folder, signal }) => {
  if (values.failover) {
    const kills = Number(values.kills);
    console.log(`failover: the leader of a Patroni cluster is killed ${kills} times`);
    const checks = await runFailover(folder, { kills, signal, log: console.log });
    print(checks);
    return checks.some(({ wrong }) => wrong.length > 0) ? 1 : 0;
  }
  let failed = false;
  for (const seed of seeds) {
    console.log(`chaos: seed ${seed}, ${lifecycles} deployments, ${rounds} × every fault`);
    const checks = await runSeed(folder, { seed, rounds, lifecycles, signal, log: console.log });
    print(checks);
    const wrong = checks.some((check) => check.wrong.length > 0);
    if (wrong) console.log(`failed: npm run chaos -- --seed ${seed} --lifecycles ${lifecycles} --rounds ${rounds}`);
    failed ||= wrong;
  }
  return failed ? 1 : 0;
});

function print(checks: readonly Check[]): void {
  for (const { name, looked, wrong } of checks) {
    console.log(`  ${wrong.length === 0 ? 'right' : 'WRONG'}  ${name} (${looked})`);
    for (const line of wrong.slice(0, SHOWN)) console.log(`           ${line}`);
    if (wrong.length > SHOWN) console.log(`           and ${wrong.length - SHOWN} more`);
  }
}
