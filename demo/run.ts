/**
 * `npm run demo`: the real service on an embedded PostgreSQL, and two real applications under real traffic. One
 * gets a healthy new version, the other a slow and faulty one. Ends with exit code 0 only if SeqPulse said so.
 * The minute of the real thing is three seconds here.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { runOwning } from '../harness/ownership/run-owning.ts';
import { START_ARGUMENTS } from '../src/service/start-arguments.ts';
import { startChild } from './child.ts';
import { type DeployedVerdict, deployAndWatch, waitFor } from './deployment.ts';
import { seqpulseSeries, verdictTable } from './report.ts';

const SCALE = { windowSeconds: 3, preSeconds: 5, requestsPerSecond: 40 };
const EXPECTED: Readonly<Record<string, string>> = { catalogue: 'ok', checkout: 'rollback_recommended' };

const startedAtMs = performance.now();
const say = (line: string) => {
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(0).padStart(3);
  console.log(`${seconds} s  ${line}`);
};

async function demo(dataDir: string): Promise<boolean> {
  await using opened = new AsyncDisposableStack();
  const adminToken = randomBytes(24).toString('hex');

  say('starting SeqPulse with an embedded PostgreSQL (the first start makes a database)');
  const service = await startChild(
    [...START_ARGUMENTS],
    {
      HOST: '127.0.0.1',
      PORT: '0',
      SEQPULSE_DATA_DIR: dataDir,
      SEQPULSE_ADMIN_TOKEN: adminToken,
      SEQPULSE_ENV: 'demo',
      // The demo's applications live on this machine; anywhere else only public addresses are read.
      SEQPULSE_TARGET_ALLOW: '127.0.0.0/8',
      SEQPULSE_PRE_INTERVAL_SECONDS: '1',
      SEQPULSE_POST_INTERVAL_SECONDS: String(SCALE.windowSeconds),
    },
    (line) => /"event":"service_started","url":"([^"]+)"/.exec(line)?.[1] ?? null,
  );
  opened.defer(async () => await service.stop());
  const url = service.readyValue;
  say(`SeqPulse listens on ${url}; its own metrics are at ${url}/metrics`);

  const seqpulse = { url, adminToken };
  const verdicts = await Promise.all([
    deployAndWatch({ seqpulse, project: 'catalogue', newVersion: 'healthy', scale: SCALE, say }),
    deployAndWatch({ seqpulse, project: 'checkout', newVersion: 'faulty', scale: SCALE, say }),
  ]);

  console.log(`\n${verdictTable(verdicts)}\n`);
  console.log('What Prometheus would scrape (histograms without their buckets):\n');
  console.log(seqpulseSeries(await settledMetrics(`${url}/metrics`)));
  return verdicts.every(isExpected);
}

/** The gauges are read every two seconds: a scrape right after the verdicts would still show their jobs as pending. */
async function settledMetrics(url: string): Promise<string> {
  return await waitFor(async () => {
    const text = await (await fetch(url)).text();
    return /^seqpulse_scheduler_jobs_pending 0$/m.test(text) && text;
  }, 10);
}

function isExpected({ project, verdict }: DeployedVerdict): boolean {
  if (verdict === EXPECTED[project]) return true;
  console.error(`\n${project} should have got ${EXPECTED[project]}, but got ${verdict}.`);
  return false;
}

await runOwning('demo', async ({ folder }) => {
  const right = await demo(join(folder, 'data'));
  say(right ? 'both verdicts are right' : 'a verdict is wrong');
  return right ? 0 : 1;
});
