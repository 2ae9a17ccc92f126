/**
 * `npm run bench:waiting`: 10,000 requests that wait for verdicts on one replica. What each costs in memory above rest, how
 * long after its verdict each is answered, that one more is refused, and that the duration histogram and the errors, of
 * which the HTTP panels and alerts are made, see nothing of the waiting: beside a control, the same requests at the same pace
 * that do not wait. Server on core 0, database and clients on core 1.
 */
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../client/client.ts';
import { beginOwning } from '../harness/ownership/run-owning.ts';
import { openBenchDatabase } from './bench-database.ts';
import { PINNING, pinSelf } from './pinned-process.ts';
import { startSubject, startTarget } from './subject.ts';

const WAITING = Number(process.env.BENCH_WAITING ?? 10_000);
const DEPLOYMENTS = Math.min(WAITING, Number(process.env.BENCH_DEPLOYMENTS ?? 100));
/** Beyond the cap, once that is reached. */
const REFUSED = 100;
/** All have come some 45 s after finish; the five samples after take five times this, and nobody waits for more than 60 s. */
const PER_SECOND = 250;
const INTERVAL_SECONDS = 11;
const WARM_UP_REQUESTS = 3_000;
const CONTROL = Math.min(WAITING, 2_500);
const ROUTE = 'path="/deployments/{id}"';
const DURATIONS = 'seqpulse_http_request_duration_seconds';

interface Watched {
  readonly id: string;
  readonly key: string;
}

interface Answered {
  readonly status: number;
  /** After the verdict was stored, milliseconds; NaN where it has none. */
  readonly afterVerdictMs: number;
}

await using opened = new AsyncDisposableStack();
const { folder } = beginOwning('bench-waiting');
await pinSelf(1);
const database = await openBenchDatabase(folder);
opened.defer(async () => await database.close());
const target = await startTarget();
opened.defer(async () => await target.close());
const subject = await startSubject({
  DATABASE_URL: database.connectionString,
  SEQPULSE_PRE_INTERVAL_SECONDS: '0.2',
  SEQPULSE_POST_INTERVAL_SECONDS: String(INTERVAL_SECONDS),
  SEQPULSE_MAX_WAITING_REQUESTS: String(WAITING),
});
opened.defer(async () => await subject.process.stop());
console.log(
  `${WAITING} requests wait for ${DEPLOYMENTS} verdicts; ${PINNING ? 'server on core 0, database and clients on core 1' : 'not pinned'}`,
);

const watched = await startDeployments();
for (let sent = 0; sent < WARM_UP_REQUESTS; sent += 50) {
  await Promise.all(Array.from({ length: 50 }, async (_, index) => await ask(watched[index % DEPLOYMENTS], 0)));
}
const beforeControl = await seen();
await Promise.all(await paced(CONTROL, 0));
const afterControl = await seen();
console.log(`control, ${CONTROL} at the same pace that do not wait: ${added(beforeControl, afterControl)}`);
await sleep(5_000);
const restBytes = subject.rss();
const before = await seen();

await Promise.all(
  watched.map(async ({ id, key }) => await clientOf(key).finish({ deployment_id: id, result: 'success' })),
);
const answers = await paced(WAITING, 60);
await sleep(2_000);
const fullBytes = subject.rss();
const refused = await Promise.all(Array.from({ length: REFUSED }, async () => await ask(watched[0], 1)));
const answered = await Promise.all(answers);
await sleep(1_000);
const after = await seen();

const late = answered.map(({ afterVerdictMs }) => afterVerdictMs).sort((one, other) => one - other);
const withVerdict = answered.filter(({ status, afterVerdictMs }) => status === 200 && afterVerdictMs >= 0).length;
console.log(`answered with their verdict: ${withVerdict} of ${WAITING}`);
console.log(
  `after the verdict was stored: median ${late[Math.floor(late.length / 2)]?.toFixed(0)} ms, last ${late.at(-1)?.toFixed(0)} ms`,
);
console.log(
  `memory: ${((fullBytes - restBytes) / WAITING / 1000).toFixed(1)} kB each above ${mib(restBytes)} MiB at rest`,
);
const refusals = refused.filter(({ status }) => status === 503).length;
console.log(`${REFUSED} more: ${refusals} refused with 503`);
console.log(`those that waited: ${added(before, after)}`);
console.log(`5xx counted: ${after.errors - before.errors}`);
const isKept =
  withVerdict === WAITING &&
  (late.at(-1) ?? 0) <= 5_000 &&
  after.errors === before.errors &&
  // Fewer: verdicts came before the last request, and the memory is not that of all of them.
  refusals === REFUSED;
process.exitCode = isKept ? 0 : 1;

function clientOf(apiKey: string) {
  return createClient({ url: subject.url, apiKey });
}

/** So many requests at the pace of CI jobs that come; the answers are still to come. */
async function paced(count: number, waitSeconds: number): Promise<Promise<Answered>[]> {
  const answers: Promise<Answered>[] = [];
  for (let index = 0; index < count; index += 1) {
    answers.push(ask(watched[index % DEPLOYMENTS], waitSeconds));
    if (index % (PER_SECOND / 25) === 0) await sleep(40);
  }
  return answers;
}

/** Running, a sample before each read. */
async function startDeployments(): Promise<Watched[]> {
  const made: Watched[] = [];
  for (let index = 0; index < DEPLOYMENTS; index += 1) {
    const project = await subject.operator('POST', '/projects', {
      name: `waiting ${index}`,
      metrics_endpoint: target.url,
      baseline: 'at_trigger',
    });
    const key = String(project.api_key);
    made.push({ key, id: (await clientOf(key).trigger({ env: 'prod' })).deployment_id });
  }
  return made;
}

/** On a connection of its own, as each CI job has. */
async function ask(one: Watched | undefined, waitSeconds: number): Promise<Answered> {
  if (one === undefined) throw new Error('no deployment');
  const url = `${subject.url}/deployments/${one.id}?wait=${waitSeconds}`;
  const request = http.get(url, { agent: false, headers: { 'X-API-Key': one.key } });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  const atMs = Date.now();
  const { analyzed_at = null } = JSON.parse(text) as { analyzed_at?: string | null };
  return {
    status: response.statusCode ?? 0,
    afterVerdictMs: analyzed_at === null ? Number.NaN : atMs - Date.parse(analyzed_at),
  };
}

/** What the panels and alerts are made of. */
async function seen() {
  const lines = (await subject.metrics()).split('\n');
  const numberAt = (line: string) => Number(line.slice(line.lastIndexOf(' ')));
  const ofRoute = (end: string) =>
    lines.filter((line) => line.startsWith(`${DURATIONS}_${end}{`) && line.includes(ROUTE));
  const [count = 0] = ofRoute('count').map(numberAt);
  const buckets = ofRoute('bucket').map((line) => [/le="([^"]+)"/.exec(line)?.[1] ?? '', numberAt(line)] as const);
  const errors = lines.filter(
    (line) => line.startsWith('seqpulse_http_requests_total{') && /status_code="5/.test(line),
  );
  return {
    buckets,
    sum: ofRoute('sum').map(numberAt)[0] ?? 0,
    count,
    errors: errors.map(numberAt).reduce((sum, value) => sum + value, 0),
  };
}

/** What came between two looks: the p95 as its bucket says it, and the mean. */
function added(from: Awaited<ReturnType<typeof seen>>, to: Awaited<ReturnType<typeof seen>>): string {
  const count = to.count - from.count;
  const known = new Map(from.buckets);
  const within = to.buckets.find(([le, number]) => number - (known.get(le) ?? 0) >= 0.95 * count);
  const meanMs = ((to.sum - from.sum) / count) * 1000;
  return `p95 at most ${within?.[0] ?? 'unknown'} s, mean ${meanMs.toFixed(1)} ms, without the waiting`;
}

function mib(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(0);
}
