import { CALM, type MadeLevels, makeDeployment } from '../../harness/made-deployments.ts';
import { createLateChecks } from '../../src/db/late-checks.ts';
import { ONE_DATABASE } from '../../src/db/shards/shards.ts';
import type { DeploymentKey } from '../../src/model/deployment.ts';
import { dayBefore } from '../../src/verdict/late-day.ts';
import { judgeLate } from '../../src/verdict/late-verdict.ts';
import type { Movement } from '../../src/verdict/others/movement.ts';
import { DEFAULT_LIMITS } from '../../src/verdict/tuning.ts';
import { openSession } from '../support/session.ts';
import type { Stage } from '../support/stage.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export const SLOW_AND_FAULTY: MadeLevels = { ...CALM, error_rate: [0.004, 0.0211], latency_p95: [182, 583] };

/** By name: the ids of the deployments, and of their projects, that tests open. */
export interface Scenes {
  readonly checkout: string;
  readonly checkoutKey: string;
  readonly catalogue: string;
  readonly search: string;
  readonly rollback: string;
  readonly ok: string;
  readonly attention: string;
  readonly notYou: string;
  readonly noData: string;
  readonly later: string;
  readonly observing: string;
  readonly abandoned: string;
  readonly superseded: string;
  readonly pipelineFailed: string;
  readonly large: string;
  readonly hostile: string;
}

export const HOSTILE = '<script>alert(1)</script> & "quoted" \u202egnp.exe 🚀 \u2028';

/** Projects as they stand after weeks of use, in every state that a page has to show. */
export async function makeScenes(stage: Stage, nowMs: number): Promise<Scenes> {
  const { api, database } = stage;
  const newProject = async (name: string, envs: string[]) =>
    await api.newProject({ name, envs, endpoint: stage.app.url });
  const project = async (name: string, envs: string[]) => (await newProject(name, envs)).id;
  const { id: checkout, apiKey: checkoutKey } = await newProject('checkout', ['prod', 'staging']);
  const catalogue = await project('catalogue', ['prod']);
  const search = await project('search', ['eu', 'prod', 'staging']);

  await makeChannels(stage, checkout);
  const bad = new Map<number, MadeLevels>([
    [4, { ...CALM, latency_p95: [182, 290] }],
    [10, { ...CALM, cpu_usage: [0.31, 0.62] }],
    [11, { ...CALM, memory_usage: [0.52, 0.72] }],
    [18, { ...CALM, error_rate: [0.004, 0.0132] }],
    [21, { ...CALM, error_rate: [0.0037, 0.0637], requests_per_sec: [43.9, 16.7] }],
  ]);
  let good = '';
  for (let n = 1; n <= 29; n += 1) {
    const id = await makeDeployment(database, {
      projectId: checkout,
      env: 'prod',
      number: 98 + n,
      startedAtMs: nowMs - (30 - n) * 0.7 * DAY_MS,
      branch: n % 5 === 0 ? 'hotfix/cart-rounding' : 'main',
      ...(bad.has(n) ? { levels: bad.get(n) ?? CALM } : {}),
      ...(n === 14 ? { after: 1, failure: '503 Service Unavailable after 12 ms' } : {}),
      ...(n === 4 ? { feedback: { correct: true, note: null } } : {}),
      ...(n === 10 ? { feedback: { correct: false, note: 'load test, announced' } } : {}),
    });
    if (n === 22) good = id;
  }
  const rollback = await makeDeployment(database, {
    projectId: checkout,
    env: 'prod',
    number: 128,
    startedAtMs: nowMs - 22 * MINUTE_MS,
    endpoint: stage.app.url,
    levels: SLOW_AND_FAULTY,
    branch: 'release/2.41',
    version: '2.41.2',
    goodSince: good,
    hasLeftOut: true,
  });
  const ok = await makeDeployment(database, {
    projectId: checkout,
    env: 'staging',
    number: 402,
    startedAtMs: nowMs - 52 * MINUTE_MS,
    version: '2.42.0-rc.1',
  });
  const pipelineFailed = await makeDeployment(database, {
    projectId: checkout,
    env: 'staging',
    number: 401,
    startedAtMs: nowMs - 3 * DAY_MS,
    pipeline: 'cancelled',
  });
  const attention = await makeDeployment(database, {
    projectId: search,
    env: 'prod',
    number: 311,
    startedAtMs: nowMs - 130 * MINUTE_MS,
    levels: { ...CALM, cpu_usage: [0.31, 0.62] },
  });
  const superseded = await makeDeployment(database, {
    projectId: search,
    env: 'prod',
    number: 310,
    startedAtMs: nowMs - 2 * DAY_MS,
    after: 3,
    supersededBy: attention,
  });
  const abandoned = await makeDeployment(database, {
    projectId: search,
    env: 'prod',
    number: 309,
    startedAtMs: nowMs - 4 * DAY_MS,
    state: 'abandoned',
  });
  const notYou = await makeDeployment(database, {
    projectId: catalogue,
    env: 'prod',
    number: 52,
    startedAtMs: nowMs - 5 * DAY_MS,
    levels: { ...CALM, error_rate: [0.004, 0.061] },
    version: '5.10.4',
    // The checkout, whose failures reach the catalogue, and a search that was slow by chance.
    others: (finishedMs) => ({
      lookedAt: 5,
      worse: [
        { project: { id: checkout, name: 'checkout' }, movement: movement({ rise: 0.21, perSecond: 9 }, finishedMs) },
        { project: { id: search, name: 'search' }, movement: movement(null, finishedMs + MINUTE_MS) },
      ],
    }),
  });
  const noData = await makeDeployment(database, {
    projectId: search,
    env: 'eu',
    number: 77,
    startedAtMs: nowMs - 190 * MINUTE_MS,
    after: 0,
    failure: '503 Service Unavailable after 12 ms',
    version: '9.0.3',
  });
  const later = await makeDeployment(database, {
    projectId: catalogue,
    env: 'prod',
    number: 53,
    startedAtMs: nowMs - 2 * DAY_MS,
  });
  await makeLateChecks(stage, { id: later, projectId: catalogue }, nowMs - 2 * DAY_MS);
  const observing = await makeDeployment(database, {
    projectId: catalogue,
    env: 'prod',
    number: 54,
    startedAtMs: nowMs - 195_000,
    state: 'finished',
    after: 2,
    version: '5.12.0',
  });
  const large = await makeDeployment(database, {
    projectId: search,
    env: 'staging',
    number: 104_882,
    startedAtMs: nowMs - 80 * MINUTE_MS,
    rolloutSeconds: 47 * 60,
    windowMinutes: 30,
    baselineAgeMinutes: 4_000,
    baselineNote: `this environment is in a bad state since deployment 104871: compared with the last good baseline, 15 samples until ${new Date(nowMs - 3 * DAY_MS).toISOString()}`,
    levels: {
      ...CALM,
      latency_p95: [48, 178_000],
      error_rate: [0, 0.93],
      requests_per_sec: [1.39e6, 718_000],
      memory_usage: [0.995, 0.996],
    },
    version: '2026.11.28-rc.1+build.48213.sha.4fd09a1b77c0e',
    branch: `feature/PAY-48213-rework-the-cart-rounding-so-that-halves-go-to-even-${'and-nothing-breaks-'.repeat(9)}`,
    actor: 'deployment-automation-service-account',
    feedback: { correct: false, note: 'load test, announced' },
  });
  const hostileProject = await project(`${HOSTILE}${'x'.repeat(60)}`, [`${HOSTILE}`]);
  const hostile = await makeDeployment(database, {
    projectId: hostileProject,
    env: HOSTILE,
    number: 7,
    startedAtMs: nowMs - 300 * MINUTE_MS,
    levels: SLOW_AND_FAULTY,
    branch: `${HOSTILE}${'b'.repeat(200)}`,
    version: HOSTILE.repeat(4),
    commit: '"><img src=x onerror=alert(1)>',
    actor: `${'ا'.repeat(200)}${HOSTILE}`,
    buildUrl: 'https://ci.example.com/"onmouseover="alert(1)',
    feedback: { correct: true, note: HOSTILE },
  });
  return {
    checkout,
    checkoutKey,
    catalogue,
    search,
    rollback,
    ok,
    attention,
    notYou,
    noData,
    later,
    observing,
    abandoned,
    superseded,
    pipelineFailed,
    large,
    hostile,
  };
}

const movement = (errors: Movement['errors'], sinceMs: number): Movement => ({
  errors,
  latency: errors === null ? { growth: 0.9, riseMs: 140 } : null,
  traffic: null,
  usage: false,
  sinceMs,
});

/** One that is delivered, one that fails, one that is switched off; what was sent by the first two. */
async function makeChannels({ api, database }: Stage, projectId: string): Promise<void> {
  const path = `/projects/${projectId}/notifications`;
  const channel = async (body: object) => (await api.operator('POST', path, body)).body.id as string;
  const slack = await channel({
    type: 'slack',
    url: 'https://hooks.slack.example/services/x',
    name: 'Slack #checkout',
  });
  const pager = await channel({ type: 'webhook', url: 'https://pager.example.com/hooks/checkout', envs: ['prod'] });
  await channel({ type: 'webhook', url: `https://example.com/${'a'.repeat(200)}`, name: HOSTILE, enabled: false });
  const error = 'the receiver answered 503';
  await database.query(
    `update seqpulse.notification_channels set last_delivered_at = now() - interval '20 minutes' where id = $1`,
    [slack],
  );
  await database.query(
    `update seqpulse.notification_channels set failing_since = now() - interval '3 hours', last_error = $2 where id = $1`,
    [pager, error],
  );
  await database.query(
    `insert into seqpulse.notification_outbox
       (id, channel_id, project_id, env, event, facts, occurred_at, state, attempts, last_error, ended_at, due_at)
     select gen_random_uuid(), channel, $1, 'prod', event, '{}', at, state, attempts, error, at, at
     from (values ($2::uuid, 'rollback_recommended', now() - interval '20 minutes', 'delivered', 0, null),
       ($2, 'source_recovered', now() - interval '2 days', 'delivered', 2, null),
       ($3, 'rollback_recommended', now() - interval '3 hours', 'given_up', 13, $4)) as made(channel, event, at, state, attempts, error)`,
    [projectId, slack, pager, error],
  );
}

/** Fine an hour after its verdict, slower and fuller a day after. */
async function makeLateChecks(
  { database }: Stage,
  { id: deploymentId, projectId }: DeploymentKey,
  startedAtMs: number,
): Promise<void> {
  const readings = (fromMs: number, minutes: number, latency_p95: number, memory_usage: number) =>
    Array.from({ length: minutes }, (_, minute) => ({
      ...{ error_rate: 0.004, requests_per_sec: 42, cpu_usage: 0.31, latency_p95, memory_usage },
      collectedAtMs: fromMs + minute * MINUTE_MS,
      lateSeconds: 0,
    }));
  const day = dayBefore(readings(startedAtMs - DAY_MS, 1_440, 182, 0.52), startedAtMs) ?? {};
  const client = await openSession(database);
  const checks = createLateChecks(client, ONE_DATABASE);
  for (const [hours, latency, memory] of [
    [1, 182, 0.52],
    [24, 291, 0.71],
  ] as const) {
    const checkedAtMs = startedAtMs + (hours * 60 + 8) * MINUTE_MS;
    const now = readings(checkedAtMs - 60 * MINUTE_MS, 60, latency, memory);
    const late = judgeLate({ day, now, startedAtMs, checkedAtMs, hours, limits: DEFAULT_LIMITS });
    await checks.insert({ deploymentId, hours }, projectId, late, new Date(checkedAtMs));
  }
  await client.end();
}
