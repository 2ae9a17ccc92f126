import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import pg from 'pg';
import { expect, test } from 'vitest';
import type { NewProject } from '../../harness/api.ts';
import { until } from '../../harness/until.ts';
import { createDeploymentStarts } from '../../src/batching/deployment-starts.ts';
import type { Database } from '../../src/db/database.ts';
import type { DeploymentStart } from '../../src/lifecycle/deps.ts';
import { type Triggered, trigger as triggerStory } from '../../src/lifecycle/trigger.ts';
import { derived } from '../support/derived.ts';
import { distributes } from '../support/distributed.ts';
import { useStage } from '../support/fixtures.ts';
import { NO_ORIGIN } from '../support/origin.ts';

/** Triggers that come together are stored by one transaction; what that must not change for any of them. */

const stage = useStage();
let serial = 0;

const ENVS = Array.from({ length: 20 }, (_, index) => `env-${index}`);

const BARE_TRIGGER = { idempotencyKey: null, origin: NO_ORIGIN, supersede: false, metricsEndpoint: null };

async function newProject(): Promise<NewProject> {
  serial += 1;
  return await stage.api.newProject({ name: `project ${serial}`, endpoint: stage.app.url, envs: ENVS });
}

const trigger = async (project: NewProject, body: object) => await stage.api.trigger(project.apiKey, body);

async function stored(project: NewProject) {
  const rows = await stage.database.query<{ id: string; number: number; env: string; xmin: string }>(
    'select id, number, env, xmin::text from seqpulse.deployments where project_id = $1 order by number',
    [project.id],
  );
  const counts = await stage.database.query<{ id: string; jobs: number }>(
    `select data->>'deploymentId' as id, count(*)::int as jobs from pgboss.job where name = 'pre_collect' group by 1`,
  );
  const jobsOf = new Map(counts.map(({ id, jobs }) => [id, jobs]));
  return rows.map((row) => ({ ...row, jobs: jobsOf.get(row.id) ?? 0 }));
}

async function withRival(work: (rival: pg.Client) => Promise<void>): Promise<void> {
  const rival = new pg.Client({ connectionString: stage.database.url });
  await rival.connect();
  try {
    await work(rival);
  } finally {
    await rival.end();
  }
}

const sessionsThatWaitForALock = async () =>
  (
    await stage.database.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and application_name = 'seqpulse requests'`,
    )
  ).length;

test('triggers of one moment share transactions; each has its number, its jobs and its own answer', async () => {
  const project = await newProject();
  const { lifecycle } = stage.running.service;
  // The first transaction begins when all others wait: at one moment, however slow the machine is.
  const all = Promise.withResolvers<void>();
  const db = derived<Database>(lifecycle.db, {
    transaction: async (work, options) => {
      await all.promise;
      return await lifecycle.db.transaction(work, options);
    },
  });
  const starts = createDeploymentStarts({ ...lifecycle, db });
  let asked = 0;
  const counted = {
    store: async (start: DeploymentStart) => {
      const stored = starts.store(start);
      asked += 1;
      if (asked === ENVS.length) all.resolve();
      return await stored;
    },
  };
  const outcomes = await Promise.all(
    ENVS.map(
      async (env) =>
        await triggerStory({ ...lifecycle, starts: counted }, { ...BARE_TRIGGER, projectId: project.id, env }),
    ),
  );
  const rows = await stored(project);
  expect(rows.map((row) => row.number)).toEqual(ENVS.map((_, index) => index + 1));
  expect(rows.map((row) => row.jobs)).toEqual(ENVS.map(() => 5));
  expect(new Set(outcomes.map((outcome) => (outcome as Triggered).deploymentId)).size).toBe(ENVS.length);
  expect(rows.map((row) => row.env).sort()).toEqual([...ENVS].sort());
  // The first goes alone; those that came meanwhile go together.
  expect(new Set(rows.map((row) => row.xmin)).size).toBe(2);
});

test('jobs carry the trace of their own trigger, not of the one that stored them', async () => {
  const project = await newProject();
  const { lifecycle } = stage.running.service;
  const traceIdOfNow = () => trace.getSpanContext(context.active())?.traceId;
  const storedIn: (string | undefined)[] = [];
  const db = derived<Database>(lifecycle.db, {
    transaction: async (work, options) => {
      storedIn.push(traceIdOfNow());
      return await lifecycle.db.transaction(work, options);
    },
  });
  const observed = { ...lifecycle, starts: createDeploymentStarts({ ...lifecycle, db }) };
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  try {
    const triggered = await Promise.all(
      ENVS.map(async (env, index) => {
        const traceId = String(index + 1).padStart(32, 'a');
        const span = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: '00f067aa0ba902b7', traceFlags: 1 });
        const input = { ...BARE_TRIGGER, projectId: project.id, env };
        return [await context.with(span, () => triggerStory(observed, input)), traceId] as const;
      }),
    );
    for (const [outcome, traceId] of triggered) {
      const rows = await stage.database.query<{ traceparent: string }>(
        `select data->'trace'->>'traceparent' as traceparent from pgboss.job where data->>'deploymentId' = $1`,
        [(outcome as Triggered).deploymentId],
      );
      expect(rows.map((row) => row.traceparent)).toEqual(Array(5).fill(`00-${traceId}-00f067aa0ba902b7-01`));
    }
    // Each transaction is part of the trace of one that it stores, the first.
    const traceIds = triggered.map(([, traceId]) => traceId);
    expect(storedIn.length).toBeGreaterThan(1);
    expect(new Set(storedIn).size).toBe(storedIn.length);
    expect(traceIds).toEqual(expect.arrayContaining(storedIn));
  } finally {
    context.disable();
    propagation.disable();
  }
});

// Where the tables are distributed no row of a project is held, and who gives its numbers waits for an advisory lock.
test.skipIf(distributes)('a project whose row is held elsewhere holds up its own triggers alone', async () => {
  const held = await newProject();
  const free = await newProject();
  await withRival(async (rival) => {
    await rival.query('begin');
    await rival.query('select from seqpulse.projects where id = $1 for update', [held.id]);
    // More than the service has connections for requests: all but one of them wait without one.
    const waiting = ENVS.map((env) => trigger(held, { env }));
    await until('they wait for the rival', 10, async () => (await sessionsThatWaitForALock()) > 0);
    const answers = await Promise.all(ENVS.map((env) => trigger(free, { env })));
    expect(answers.every((answer) => answer.body.status === 'created')).toBe(true);
    expect(await sessionsThatWaitForALock()).toBe(1);
    expect(await stored(held)).toEqual([]);
    await rival.query('rollback');
    expect((await Promise.all(waiting)).map((answer) => answer.body.status)).toEqual(ENVS.map(() => 'created'));
  });
  expect((await stored(held)).map((row) => row.number)).toEqual(ENVS.map((_, index) => index + 1));
  expect((await stored(held)).map((row) => row.jobs)).toEqual(ENVS.map(() => 5));
  expect((await stored(free)).map((row) => row.number)).toEqual(ENVS.map((_, index) => index + 1));
});

test.skipIf(distributes)(
  'when one has waited for such a project in vain, those behind it need not wait as long again',
  async () => {
    const held = await newProject();
    await withRival(async (rival) => {
      await rival.query('begin');
      await rival.query('select from seqpulse.projects where id = $1 for update', [held.id]);
      const waiting = Promise.all(ENVS.map((env) => trigger(held, { env })));
      await until('one waits for the rival', 10, async () => (await sessionsThatWaitForALock()) === 1);
      // As when the service's own time for a statement is over.
      await stage.database.query(
        `select pg_cancel_backend(pid) from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock' and application_name = 'seqpulse requests'`,
      );
      expect((await waiting).map((answer) => answer.status)).toEqual(ENVS.map(() => 503));
      await rival.query('rollback');
    });
    expect(await stored(held)).toEqual([]);
    expect((await trigger(held, { env: 'env-0' })).body.status).toBe('created');
  },
);

test('one that the database refuses fails alone', async () => {
  const project = await newProject();
  await stage.database.query(`alter table seqpulse.deployments add constraint nothing_evil check (branch <> 'evil')`);
  try {
    const answers = await Promise.all(
      ENVS.map((env, index) => trigger(project, { env, branch: index === 7 ? 'evil' : 'main' })),
    );
    const expected = ENVS.map((_, index) => (index === 7 ? 500 : 200));
    expect(answers.map((answer) => answer.status)).toEqual(expected);
  } finally {
    await stage.database.query('alter table seqpulse.deployments drop constraint nothing_evil');
  }
  const rows = await stored(project);
  expect(rows.map((row) => row.number)).toEqual(Array.from({ length: 19 }, (_, index) => index + 1));
  expect(rows.map((row) => row.jobs)).toEqual(Array(19).fill(5));
  expect(rows.map((row) => row.env)).not.toContain('env-7');
});

test.skipIf(distributes)(
  'a rival that comes between the look and the insert wins, and no number is left out',
  async () => {
    const project = await newProject();
    await withRival(async (rival) => {
      await rival.query('begin');
      // As another replica's trigger would, but without the project's row: it comes in the middle of ours.
      await rival.query(
        `insert into seqpulse.deployments (id, project_id, number, env, state, metrics_endpoint, started_at, finish_deadline_at, pre_expected)
       values (gen_random_uuid(), $1, 1000, 'env-3', 'running', 'http://x.example', now(), now() + interval '1 hour', 5)`,
        [project.id],
      );
      const triggers = ENVS.map((env) => trigger(project, { env }));
      await until('one waits for the rival', 10, async () => (await sessionsThatWaitForALock()) > 0);
      await rival.query('commit');
      const answers = await Promise.all(triggers);
      expect(answers.map((answer) => answer.body.status)).toEqual(
        ENVS.map((env) => (env === 'env-3' ? 'existing' : 'created')),
      );
    });
    const numbers = (await stored(project)).map((row) => row.number);
    expect(numbers).toEqual([...Array.from({ length: 19 }, (_, index) => index + 1), 1000]);
  },
);
