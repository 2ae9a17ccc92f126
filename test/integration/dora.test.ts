import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { createDora } from '../../src/db/dora.ts';
import { doraAnswer, doraPageAnswer } from '../../src/http/dora-schema.ts';
import { type DeploymentRow, kpiHistory } from '../grafana/kpi-history.ts';
import { distributes } from '../support/distributed.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { expectProblem } from '../support/problem.ts';

const stage = useClockedStage();
/** Writes into the tables what a test is about. */
let history: ReturnType<typeof kpiHistory>;
beforeAll(() => {
  history = kpiHistory(stage.database);
});
const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
let serial = 0;

/** So many minutes before now. */
const ago = (minutes: number) => new Date(stage.clock.now() - minutes * MINUTE_MS).toISOString();

async function project(more: object = {}): Promise<{ id: string; name: string }> {
  serial += 1;
  const name = `dora ${serial}`;
  const { id } = await stage.api.newProject({ name, envs: ['prod', 'staging'], ...more });
  return { id, name };
}

/** Deployments that finished so many minutes ago. */
function historyOf({ id }: { id: string }) {
  return async (finishedMinutesAgo: number, row: Partial<DeploymentRow> = {}): Promise<number> =>
    await history.deployment(id, {
      startedAt: ago(finishedMinutesAgo + 10),
      finishedAt: ago(finishedMinutesAgo),
      result: 'success',
      ...row,
    });
}

async function figures({ id }: { id: string }, query = '') {
  const answer = await stage.api.operator('GET', `/projects/${id}/dora${query}`);
  expect(answer.status).toBe(200);
  return doraAnswer.parse(answer.body);
}

test('without a deployment every count is 0, and what could not be known is null', async () => {
  const empty = await project();
  const nothing = {
    deployment_frequency: { deployments: 0, per_day: 0, days_with_deployments: 0 },
    change_failure_rate: { value: null, failed: 0, rated: 0 },
    time_to_restore: { median_seconds: null, restored: 0, open: 0 },
    lead_time: { median_seconds: null, deployments: 0 },
  };
  expect(await figures(empty)).toEqual({
    from: ago(30 * DAY_MINUTES),
    to: ago(0),
    days: 30,
    project_id: empty.id,
    project: empty.name,
    ...nothing,
    environments: [
      { env: 'prod', ...nothing },
      { env: 'staging', ...nothing },
    ],
  });
});

test('one deployment alone, observed still: it is counted, and its outcome is not known yet', async () => {
  const one = await project();
  await historyOf(one)(5, { state: 'finished', commitTime: ago(65) });
  expect(await figures(one, '?days=1')).toMatchObject({
    deployment_frequency: { deployments: 1, per_day: 1, days_with_deployments: 1 },
    change_failure_rate: { value: null, failed: 0, rated: 0 },
    time_to_restore: { median_seconds: null, restored: 0, open: 0 },
    lead_time: { median_seconds: 3600, deployments: 1 },
  });
});

describe('what is a deployment', () => {
  test('what never finished, and what a pipeline ended badly, is none; what broke it all the same is one', async () => {
    const of = await project();
    const finished = historyOf(of);
    await finished(300, { verdict: 'ok' });
    for (const state of ['abandoned', 'running'] as const)
      await history.deployment(of.id, { state, startedAt: ago(250) });
    await finished(150, { result: 'failed', verdict: 'ok' });
    await finished(140, { result: 'failed', verdict: 'insufficient_data' });
    await finished(100, { result: 'failed', verdict: 'rollback_recommended' });
    expect(await figures(of)).toMatchObject({
      deployment_frequency: { deployments: 2 },
      change_failure_rate: { value: 0.5, failed: 1, rated: 2 },
      time_to_restore: { open: 1, restored: 0 },
    });
  });

  test('one whose observation a newer one ended is one, and is rated by the verdict it got', async () => {
    const of = await project();
    const finished = historyOf(of);
    await finished(60, { verdict: 'insufficient_data' });
    await finished(58, { verdict: 'rollback_recommended' });
    await finished(50, { verdict: 'ok' });
    await stage.database.query(
      `update seqpulse.deployments d set superseded_by = (select id from seqpulse.deployments n
         where n.project_id = d.project_id and n.number = d.number + 1), collection_ended = 'superseded'
       where project_id = $1 and number < (select max(number) from seqpulse.deployments where project_id = $1)`,
      [of.id],
    );
    expect(await figures(of)).toMatchObject({
      deployment_frequency: { deployments: 3 },
      change_failure_rate: { value: 0.5, failed: 1, rated: 2 },
      time_to_restore: { median_seconds: 8 * 60, restored: 1, open: 0 },
    });
  });
});

describe('feedback', () => {
  test.each([
    ['ok', null, 0],
    ['ok', true, 0],
    ['ok', false, 1],
    ['attention', null, 0],
    ['attention', true, 1],
    ['attention', false, 0],
    ['rollback_recommended', null, 1],
    ['rollback_recommended', true, 1],
    ['rollback_recommended', false, 0],
  ] as const)('a verdict %s, marked %s, is %i failures', async (verdict, correct, failed) => {
    const of = await project();
    await historyOf(of)(60, { verdict, ...(correct === null ? {} : { feedback: { correct } }) });
    expect(await figures(of)).toMatchObject({ change_failure_rate: { value: failed, failed, rated: 1 } });
  });

  test.each([true, false])('insufficient_data, marked %s, stays unknown', async (correct) => {
    const of = await project();
    await historyOf(of)(60, { verdict: 'insufficient_data', feedback: { correct } });
    expect(await figures(of)).toMatchObject({ change_failure_rate: { value: null, failed: 0, rated: 0 } });
  });

  test('that comes late turns the deployment’s own window, and no later one', async () => {
    const of = await project();
    const number = await historyOf(of)(20 * DAY_MINUTES, { verdict: 'rollback_recommended' });
    const before = await figures(of);
    expect(before.change_failure_rate).toEqual({ value: 1, failed: 1, rated: 1 });
    const [row] = await stage.database.query<{ id: string }>(
      'select id from seqpulse.deployments where project_id = $1 and number = $2',
      [of.id, number],
    );
    const marked = await stage.api.operator('POST', `/deployments/${row?.id}/feedback`, { correct: false });
    expect(marked.status).toBe(200);
    const after = await figures(of);
    expect(after.change_failure_rate).toEqual({ value: 0, failed: 0, rated: 1 });
    expect(after.time_to_restore).toEqual({ median_seconds: null, restored: 0, open: 0 });
    expect((await figures(of, '?days=7')).change_failure_rate).toEqual({ value: null, failed: 0, rated: 0 });
  });
});

describe('time to restore', () => {
  test('is from the finish of the first failure in a row to the finish of what ended it, by environment', async () => {
    const of = await project();
    const finished = historyOf(of);
    await finished(500, { verdict: 'rollback_recommended' });
    await finished(450, { verdict: 'rollback_recommended' });
    await finished(440, { verdict: 'ok', env: 'staging' });
    // Neither says that it is well again: nothing is known, and nobody marked it.
    await finished(430, { verdict: 'insufficient_data' });
    await finished(420, { verdict: 'attention' });
    await finished(400, { verdict: 'ok' });
    await finished(300, { verdict: 'rollback_recommended' });
    await finished(270, { verdict: 'ok' });
    await finished(100, { verdict: 'ok', feedback: { correct: false } });
    const { time_to_restore, environments } = await figures(of);
    expect(time_to_restore).toEqual({ median_seconds: ((100 + 30) / 2) * 60, restored: 2, open: 1 });
    expect(environments.map(({ env, time_to_restore: one }) => [env, one.restored, one.open])).toEqual([
      ['prod', 2, 1],
      ['staging', 0, 0],
    ]);
  });

  test('an alarm that somebody marked as wrong ends an incident, as the next ok would have', async () => {
    const of = await project();
    const finished = historyOf(of);
    await finished(100, { verdict: 'rollback_recommended' });
    await finished(80, { verdict: 'rollback_recommended', feedback: { correct: false } });
    await finished(20, { verdict: 'ok' });
    expect((await figures(of)).time_to_restore).toEqual({ median_seconds: 20 * 60, restored: 1, open: 0 });
  });

  test('an incident belongs to the window that it began in, however late it ends', async () => {
    const of = await project();
    const finished = historyOf(of);
    await finished(8 * DAY_MINUTES, { verdict: 'rollback_recommended' });
    await finished(2 * DAY_MINUTES, { verdict: 'rollback_recommended' });
    await finished(DAY_MINUTES, { verdict: 'ok' });
    const restored = { median_seconds: 7 * 86_400, restored: 1, open: 0 };
    expect((await figures(of, '?days=9')).time_to_restore).toEqual(restored);
    expect(await figures(of, '?days=7')).toMatchObject({
      change_failure_rate: { value: 0.5, failed: 1, rated: 2 },
      time_to_restore: { median_seconds: null, restored: 0, open: 0 },
    });
  });

  test('another project’s ok ends nothing', async () => {
    const [broken, sound] = [await project(), await project()];
    await historyOf(broken)(60, { verdict: 'rollback_recommended' });
    await historyOf(sound)(30, { verdict: 'ok' });
    expect((await figures(broken)).time_to_restore).toEqual({ median_seconds: null, restored: 0, open: 1 });
  });
});

test('lead time is the median over deployments that named a commit of before', async () => {
  const of = await project();
  const finished = historyOf(of);
  await finished(500, { commitTime: ago(560) });
  await finished(400, { commitTime: ago(400 + DAY_MINUTES) });
  await finished(300, { commitTime: ago(420) });
  await finished(200);
  // A clock that is wrong, or a field.
  await finished(100, { commitTime: ago(99) });
  expect((await figures(of)).lead_time).toEqual({ median_seconds: 120 * 60, deployments: 3 });
});

describe('the window', () => {
  test('is so many times 24 hours until now, both ends told, and a deployment is in it by its finish', async () => {
    const of = await project();
    const finished = historyOf(of);
    await finished(0, { verdict: 'ok' });
    await finished(DAY_MINUTES - 1, { verdict: 'ok' });
    await finished(DAY_MINUTES, { verdict: 'ok' });
    // Two weeks from trigger to finish, as long as any may take.
    await finished(10, { startedAt: ago(14 * DAY_MINUTES + 10) });
    const day = await figures(of, '?days=1');
    expect(day.deployment_frequency.deployments).toBe(3);
    expect([day.from, day.to]).toEqual([ago(DAY_MINUTES), ago(0)]);
    expect((await figures(of, '?days=2')).deployment_frequency).toMatchObject({ deployments: 4, per_day: 2 });
  });

  test.each(['UTC', 'America/New_York', 'Pacific/Kiritimati', 'Europe/Paris'])(
    'counts days of UTC and hours of 60 minutes on a server in %s, where clocks are put forward or not',
    async (timeZone) => {
      await stage.database.query('delete from seqpulse.projects');
      const of = await project();
      // In 2026 New York went over to summer time on 8 March at 07:00Z, Paris on 29 March at 01:00Z.
      for (const finishedAt of [
        '2026-03-07T23:59:59Z',
        '2026-03-08T00:00:00Z',
        '2026-03-08T23:59:59Z',
        '2026-03-28T23:30:00Z',
        '2026-03-29T00:30:00Z',
        '2026-03-29T01:30:00Z',
      ]) {
        const row = { startedAt: finishedAt, finishedAt, result: 'success' } as const;
        const commitTime = '2026-03-07T00:00:00Z';
        const failed = finishedAt === '2026-03-08T00:00:00Z';
        await history.deployment(of.id, { ...row, commitTime, verdict: failed ? 'rollback_recommended' : 'ok' });
      }
      const [row] = await inZone(timeZone, async (connection) => {
        const window = { from: new Date('2026-03-07T12:00:00Z'), to: new Date('2026-03-30T00:00:00Z'), env: null };
        return await createDora(connection, { distributed: distributes }).ofProjects([of.id], window);
      });
      expect(row).toMatchObject({
        deployments: 6,
        daysWithDeployments: 4,
        failed: 1,
        restored: 1,
        restoreSeconds: 86_399,
        // Between 2026-03-08T23:59:59Z and 2026-03-28T23:30:00Z.
        leadTimeSeconds: (172_799 + 1_899_000) / 2,
      });
    },
  );
});

async function inZone<Result>(timeZone: string, work: (connection: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: stage.database.url });
  await client.connect();
  try {
    await client.query(`set timezone to '${timeZone}'`);
    return await work(client);
  } finally {
    await client.end();
  }
}

describe('GET /dora', () => {
  const all = async (query = '') => {
    const answer = await stage.api.operator('GET', `/dora${query}`);
    expect(answer.status).toBe(200);
    return doraPageAnswer.parse(answer.body);
  };

  test('has all projects together, and each of them by environment, a page at a time', async () => {
    const names: string[] = [];
    for (const [place, verdict] of (['ok', 'rollback_recommended', 'ok'] as const).entries()) {
      const of = await project();
      names.push(of.name);
      await historyOf(of)(60 + place, { verdict });
      await historyOf(of)(60, { verdict: 'ok', env: 'staging' });
    }
    const first = await all('?limit=2');
    expect(first).toMatchObject({
      deployment_frequency: { deployments: 6, days_with_deployments: 1 },
      change_failure_rate: { failed: 1, rated: 6 },
      time_to_restore: { open: 1 },
    });
    const rest = await all(`?limit=2&cursor=${first.next_cursor}`);
    expect(rest.next_cursor).toBeNull();
    expect(new Set([...first.items, ...rest.items].map((item) => item.project))).toEqual(new Set(names));
    expect([...first.items, ...rest.items].map((item) => item.deployment_frequency.deployments)).toEqual([2, 2, 2]);

    const staging = await all('?env=staging');
    expect(staging.deployment_frequency.deployments).toBe(3);
    expect(staging.items.map(({ environments }) => environments.map(({ env }) => env))).toEqual([
      ['staging'],
      ['staging'],
      ['staging'],
    ]);
  });

  test('without a project it is empty', async () => {
    expect(await all()).toMatchObject({ items: [], next_cursor: null, deployment_frequency: { deployments: 0 } });
  });
});

describe('who may ask, and how', () => {
  test('operators alone: a project’s key opens neither route', async () => {
    const { id, apiKey } = await stage.api.newProject({ name: 'of a key' });
    for (const path of [`/projects/${id}/dora`, '/dora']) {
      expectProblem(await stage.api.request('GET', path, { headers: { 'X-API-Key': apiKey } }), 'UNAUTHORIZED');
      expectProblem(await stage.api.request('GET', path), 'UNAUTHORIZED');
    }
  });

  test.each(['?days=0', '?days=366', '?days=1.5', '?days=-1', '?days=7&days=8', '?dayz=7', '?cursor=x'])(
    '%s is refused',
    async (query) => {
      const { id } = await project();
      expectProblem(await stage.api.operator('GET', `/projects/${id}/dora${query}`), 'VALIDATION_FAILED');
      expectProblem(await stage.api.operator('GET', `/dora${query}`), 'VALIDATION_FAILED');
    },
  );

  test('a year is asked for of one project, of all together a quarter', async () => {
    const of = await project();
    expect((await figures(of, '?days=365')).days).toBe(365);
    expect((await stage.api.operator('GET', '/dora?days=90')).body.days).toBe(90);
    expectProblem(await stage.api.operator('GET', '/dora?days=91'), 'VALIDATION_FAILED');
  });

  test('an environment that is not there, and a project that is not', async () => {
    const of = await project();
    expectProblem(await stage.api.operator('GET', `/projects/${of.id}/dora?env=prd`), 'ENV_UNKNOWN');
    const nobody = '00000000-0000-4000-8000-000000000000';
    expectProblem(await stage.api.operator('GET', `/projects/${nobody}/dora`), 'NOT_FOUND');
    await historyOf(of)(60, { env: 'gone', verdict: 'ok' });
    const gone = await figures(of, '?env=gone');
    expect(gone.environments.map(({ env, deployment_frequency }) => [env, deployment_frequency.deployments])).toEqual([
      ['gone', 1],
    ]);
    expect((await figures(of)).environments.map(({ env }) => env)).toEqual(['gone', 'prod', 'staging']);
  });
});
