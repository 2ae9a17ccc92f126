/**
 * `npm run demo`: the real service on an embedded PostgreSQL, and two real applications under real traffic. One
 * gets a healthy new version, the other a slow and faulty one. Ends with exit code 0 only if SeqPulse said so.
 * The minute of the real thing is three seconds here.
 *
 * `--source prometheus`: the applications serve nothing for SeqPulse; a real Prometheus scrapes them. Takes five minutes,
 * for its numbers are of whole minutes. `--source otlp`: they push by OTLP; as long.
 *
 * `--keep`: afterwards it stays, and says how the command line stops the bad deployment.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePorts } from '../harness/free-ports.ts';
import { runOwning } from '../harness/ownership/run-owning.ts';
import { START_ARGUMENTS } from '../src/service/start-arguments.ts';
import { startChild } from './child.ts';
import { type Connection, fromPrometheus, OWN_ROUTE, PUSHED } from './connections.ts';
import { type DeployedVerdict, deployAndWatch } from './deployment.ts';
import { findPrometheus, startDemoPrometheus } from './prometheus.ts';
import { seqpulseSeries, verdictTable } from './report.ts';
import { waitFor } from './waiting.ts';

const POST_INTERVAL_SECONDS = 3;
const EXPECTED: Readonly<Record<string, string>> = { catalogue: 'ok', checkout: 'rollback_recommended' };

const startedAtMs = performance.now();
const say = (line: string) => {
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(0).padStart(3);
  console.log(`${seconds} s  ${line}`);
};

type DemoSource = 'pull' | 'prometheus' | 'otlp';

async function demo(
  folder: string,
  { source, prometheus }: { readonly source: DemoSource; readonly prometheus: string | null },
  keeps: boolean,
): Promise<boolean> {
  await using opened = new AsyncDisposableStack();
  const adminToken = randomBytes(24).toString('hex');

  say('starting SeqPulse with an embedded PostgreSQL (the first start makes a database)');
  const service = await startChild(
    [...START_ARGUMENTS],
    {
      HOST: '127.0.0.1',
      PORT: '0',
      SEQPULSE_DATA_DIR: join(folder, 'data'),
      SEQPULSE_ADMIN_TOKEN: adminToken,
      SEQPULSE_ENV: 'demo',
      // The demo's applications live on this machine; anywhere else only public addresses are read.
      SEQPULSE_TARGET_ALLOW: '127.0.0.0/8',
      SEQPULSE_PRE_INTERVAL_SECONDS: '1',
      SEQPULSE_POST_INTERVAL_SECONDS: String(POST_INTERVAL_SECONDS),
    },
    (line) => /"event":"service_started","url":"([^"]+)"/.exec(line)?.[1] ?? null,
  );
  opened.defer(async () => await service.stop());
  const url = service.readyValue;
  say(`SeqPulse listens on ${url}; its own metrics are at ${url}/metrics`);

  const [catalogue = 0, checkout = 0] = prometheus === null ? [] : await freePorts(2);
  const connection = await openConnection();
  const both = { seqpulse: { url, adminToken }, connection, say };
  const verdicts = await Promise.all([
    deployAndWatch({ ...both, project: 'catalogue', newVersion: 'healthy', port: catalogue }),
    deployAndWatch({ ...both, project: 'checkout', newVersion: 'faulty', port: checkout }),
  ]);

  console.log(`\n${verdictTable(verdicts)}\n`);
  console.log('What Prometheus would scrape (histograms without their buckets):\n');
  console.log(seqpulseSeries(await settledMetrics(`${url}/metrics`)));
  if (keeps) await keep(url, adminToken, verdicts);
  else console.log('To look around in it, its pages and the gate of a pipeline: npm run demo -- --keep\n');
  return verdicts.every(isExpected);

  async function openConnection(): Promise<Connection> {
    if (source === 'otlp') return PUSHED;
    if (prometheus === null) return OWN_ROUTE;
    const server = opened.use(await startDemoPrometheus(prometheus, folder, { catalogue, checkout }));
    say(`a Prometheus scrapes both; look at ${server.url}`);
    return fromPrometheus(server.url);
  }
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

/** Until Ctrl-C: the pages, and the gate for trying in another terminal. The token opens this demo and nothing else. */
async function keep(url: string, adminToken: string, verdicts: readonly DeployedVerdict[]): Promise<void> {
  const built = spawnSync(process.execPath, ['cli/build.ts'], { stdio: 'inherit' });
  if (built.status !== 0) throw new Error('the command line could not be built');
  console.log('\nThe gate, in another terminal of this folder; its exit code is what fails a pipeline:\n');
  for (const { project, verdict, deploymentId, apiKey } of verdicts) {
    console.log(`# ${project}: ${verdict}`);
    console.log(
      `SEQPULSE_URL=${url} SEQPULSE_API_KEY=${apiKey} npx seqpulse wait ${deploymentId}; echo "exit code $?"\n`,
    );
  }
  console.log(`The pages: ${url}/\nSign in with ${adminToken}\n`);
  console.log('Ctrl-C ends the demo.');
  await new Promise<never>(() => {});
}

/** `pull` where none is named. Throws on what is none. */
function sourceOf(source = 'pull'): DemoSource {
  if (source === 'pull' || source === 'prometheus' || source === 'otlp') return source;
  throw new Error(`--source takes pull, prometheus or otlp, not ${source}`);
}

await runOwning('demo', async ({ folder }) => {
  const { values } = parseArgs({ options: { source: { type: 'string' }, keep: { type: 'boolean' } } });
  const source = sourceOf(values.source);
  const prometheus = source === 'prometheus' ? findPrometheus() : null;
  if (source === 'prometheus' && prometheus === null) return 2;
  const right = await demo(folder, { source, prometheus }, values.keep === true);
  say(right ? 'both verdicts are right' : 'a verdict is wrong');
  return right ? 0 : 1;
});
