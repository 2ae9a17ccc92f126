import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Answer, NewProject } from '../../harness/api.ts';
import { judge } from '../../src/verdict/judge.ts';
import { VERDICTS, type VerdictName } from '../../src/verdict/types.ts';
import { expectProblem } from '../support/problem.ts';
import { ADMIN_TOKEN } from '../support/service.ts';
import { type ClockedStage, openClockedStage } from '../support/stage.ts';
import { deployment as windows } from '../verdict/samples.ts';

let stage: ClockedStage;
let serial = 0;
beforeAll(async () => {
  stage = await openClockedStage();
});
afterEach(async () => await stage.reset());
afterAll(async () => await stage[Symbol.asyncDispose]());

async function project(): Promise<NewProject> {
  serial += 1;
  return await stage.api.newProject({ name: `feedback ${serial}`, endpoint: stage.app.url });
}

async function deployment(of: NewProject, verdict: VerdictName | null, state = 'analyzed'): Promise<string> {
  const id = randomUUID();
  serial += 1;
  const at = new Date(stage.clock.now());
  await stage.database.query(
    `insert into seqpulse.deployments (id, project_id, env, number, state, metrics_endpoint, started_at,
       finish_deadline_at, pre_expected)
     values ($1, $2, 'prod', $3, $4, 'http://x.example', $5, $5, 5)`,
    [id, of.id, serial, state, at],
  );
  if (verdict !== null) {
    await stage.database.query(
      `insert into seqpulse.verdicts (project_id, deployment_id, verdict, confidence, summary, details, created_at)
       values ($4, $1, $2, 0.9, 'one sentence', '[]', $3)`,
      [id, verdict, at, of.id],
    );
  }
  return id;
}

const give = async (apiKey: string, id: string, body: unknown): Promise<Answer> =>
  await stage.api.request('POST', `/deployments/${id}/feedback`, { headers: { 'X-API-Key': apiKey }, body });
const summary = async (of: NewProject) =>
  (await stage.api.request('GET', `/projects/${of.id}/feedback`, { headers: { 'X-API-Key': of.apiKey } })).body;

/** How often this was counted since the service started. */
async function counted(verdict: VerdictName, correct: boolean): Promise<number> {
  const text: string = (await stage.api.request('GET', '/metrics')).body;
  const series = `seqpulse_verdict_feedback_total{verdict="${verdict}",correct="${correct}"} `;
  const line = text.split('\n').find((one) => one.startsWith(series));
  return line === undefined ? Number.NaN : Number(line.slice(series.length));
}

test('every pair of verdict and word is exported as 0 before the first', async () => {
  for (const verdict of VERDICTS) {
    expect([await counted(verdict, true), await counted(verdict, false)], verdict).toEqual([0, 0]);
  }
});

test('what is said of a verdict is answered, shown with the deployment and counted', async () => {
  const mine = await project();
  const id = await deployment(mine, 'attention');
  const before = await counted('attention', false);
  const answer = await give(mine.apiKey, id, { correct: false, note: '  a cache was cold ' });
  expect(answer.status).toBe(200);
  const feedback = {
    correct: false,
    note: 'a cache was cold',
    given_at: new Date(stage.clock.now()).toISOString(),
  };
  expect(answer.body).toEqual({ deployment_id: id, verdict: 'attention', ...feedback });
  expect((await stage.api.deployment(mine.apiKey, id)).body.feedback).toEqual(feedback);
  const list = await stage.api.request('GET', '/deployments', { headers: { 'X-API-Key': mine.apiKey } });
  expect(list.body.items[0].feedback).toEqual(feedback);
  expect(await counted('attention', false)).toBe(before + 1);
});

test('a later word replaces an earlier one, and each change of mind is counted once', async () => {
  const mine = await project();
  const id = await deployment(mine, 'rollback_recommended');
  const start = [await counted('rollback_recommended', true), await counted('rollback_recommended', false)] as const;
  const [right, wrong] = start;
  const counts = async () => [
    (await counted('rollback_recommended', true)) - right,
    (await counted('rollback_recommended', false)) - wrong,
  ];
  await give(mine.apiKey, id, { correct: true, note: 'first' });
  expect(await counts()).toEqual([1, 0]);

  await stage.clock.setTime(stage.clock.now() + 60_000);
  const again = await give(mine.apiKey, id, { correct: true, note: 'first' });
  expect(await counts()).toEqual([1, 0]);
  expect(again.body.given_at).toBe(new Date(stage.clock.now() - 60_000).toISOString());

  const noted = await give(mine.apiKey, id, { correct: true });
  expect(noted.body).toMatchObject({ note: null, given_at: new Date(stage.clock.now()).toISOString() });
  expect(await counts()).toEqual([1, 0]);

  await give(mine.apiKey, id, { correct: false, note: 'second' });
  expect(await counts()).toEqual([1, 1]);
  expect((await stage.api.deployment(mine.apiKey, id)).body.feedback).toMatchObject({ correct: false, note: 'second' });
  expect(await summary(mine)).toMatchObject({ given: 1, correct: 0 });
});

test('20 times the same at the same moment is stored and counted once', async () => {
  const mine = await project();
  for (const [correct, expected] of [
    [true, [1, 0]],
    [false, [0, 1]],
  ] as const) {
    const id = await deployment(mine, 'ok');
    const before = [await counted('ok', true), await counted('ok', false)] as const;
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => give(mine.apiKey, id, { correct, note: 'same' })),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    const after = [await counted('ok', true), await counted('ok', false)] as const;
    expect([after[0] - before[0], after[1] - before[1]]).toEqual(expected);
  }
});

test('20 who turn it round at the same moment: counted once', async () => {
  const mine = await project();
  const id = await deployment(mine, 'ok');
  await give(mine.apiKey, id, { correct: true });
  const before = await counted('ok', false);
  await Promise.all(Array.from({ length: 20 }, () => give(mine.apiKey, id, { correct: false })));
  expect((await counted('ok', false)) - before).toBe(1);
});

test('precision is the share of the marked alarms that were right; a confirmed ok does not flatter it', async () => {
  const mine = await project();
  const mark = async (verdict: VerdictName, correct: boolean) =>
    await give(mine.apiKey, await deployment(mine, verdict), { correct });
  expect(await summary(mine)).toMatchObject({ given: 0, correct: 0, precision: null, precision_interval: null });
  await mark('ok', true);
  await mark('ok', true);
  await mark('ok', false);
  await mark('insufficient_data', false);
  expect(await summary(mine)).toMatchObject({ given: 4, correct: 2, precision: null });
  await mark('attention', false);
  await mark('attention', true);
  await mark('rollback_recommended', true);
  await mark('rollback_recommended', true);
  await deployment(mine, 'rollback_recommended');
  const other = await project();
  await give(other.apiKey, await deployment(other, 'attention'), { correct: false });

  const shown = await summary(mine);
  expect(shown).toEqual({
    given: 8,
    correct: 5,
    precision: 0.75,
    precision_interval: [expect.closeTo(0.3, 1), expect.closeTo(0.95, 1)],
    missed: 1,
    recall: 0.75,
    recall_interval: [expect.closeTo(0.3, 1), expect.closeTo(0.95, 1)],
    bad_share: null,
    by_verdict: {
      ok: { given: 3, correct: 2 },
      attention: { given: 2, correct: 1 },
      rollback_recommended: { given: 2, correct: 2 },
      insufficient_data: { given: 1, correct: 0 },
    },
  });
  expect((await stage.api.operator('GET', `/projects/${mine.id}`)).body.feedback).toEqual(shown);
  expect((await stage.api.operator('GET', `/projects/${mine.id}/feedback`)).body).toEqual(shown);
});

test('three false alarms of one kind propose a limit to the project, which nothing sets but its operators', async () => {
  const mine = await project();
  const input = windows(15, 10, () => ({ latency_p95: 320 }));
  const mark = async (of: NewProject, correct: boolean) => {
    const id = await deployment(of, 'attention');
    await stage.database.query('update seqpulse.verdicts set details = $2 where deployment_id = $1', [
      id,
      JSON.stringify(judge(input).details),
    ]);
    await give(of.apiKey, id, { correct });
  };
  const shown = async () => (await stage.api.operator('GET', `/projects/${mine.id}`)).body;
  for (let i = 0; i < 3; i++) await mark(await project(), false);
  await mark(mine, false);
  await mark(mine, false);
  await mark(mine, true);
  expect((await shown()).proposed_limits).toEqual([]);
  await mark(mine, false);
  expect(await shown()).toMatchObject({
    limits: { latency_p95_growth: 0.35 },
    limits_set: [],
    proposed_limits: [
      {
        metric: 'latency_p95',
        rule: 'level_shift',
        limit: 'latency_p95_growth',
        value: 0.8,
        now: 0.35,
        false_alarms: 3,
        right_hidden: 1,
        why: '3 alarms on latency_p95 (level_shift) were marked wrong, all of them below 0.8; it would also hide 1 marked right',
      },
    ],
  });
  const body = { limits: { latency_p95_growth: 0.8 } };
  expect((await stage.api.operator('PATCH', `/projects/${mine.id}`, body)).body.proposed_limits).toEqual([]);
});

test('a deployment without a verdict takes none', async () => {
  const mine = await project();
  for (const state of ['running', 'finished', 'abandoned']) {
    const answer = await give(mine.apiKey, await deployment(mine, null, state), { correct: true });
    expectProblem(answer, 'NO_VERDICT');
  }
  expect(await stage.database.query('select * from seqpulse.verdict_feedback')).toEqual([]);
});

test('another project’s deployment is 404, as is none at all; so is another project’s precision', async () => {
  const mine = await project();
  const other = await project();
  const id = await deployment(mine, 'ok');
  expectProblem(await give(other.apiKey, id, { correct: false }), 'NOT_FOUND');
  expectProblem(await give(mine.apiKey, randomUUID(), { correct: false }), 'NOT_FOUND');
  expect((await stage.api.deployment(mine.apiKey, id)).body.feedback).toBeNull();
  const headers = { 'X-API-Key': other.apiKey };
  const [foreign, unknown] = await Promise.all(
    [mine.id, randomUUID()].map((one) => stage.api.request('GET', `/projects/${one}/feedback`, { headers })),
  );
  expectProblem(foreign as Answer, 'NOT_FOUND');
  expect(foreign?.body).toEqual(unknown?.body);
  expectProblem(await stage.api.operator('GET', `/projects/${randomUUID()}/feedback`), 'NOT_FOUND');
});

test('the admin token may say it too', async () => {
  const mine = await project();
  const id = await deployment(mine, 'ok');
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
  const answer = await stage.api.request('POST', `/deployments/${id}/feedback`, { headers, body: { correct: true } });
  expect(answer.body).toMatchObject({ deployment_id: id, verdict: 'ok', correct: true, note: null });
});

test.each([
  ['nothing', {}, 'correct'],
  ['null', { correct: null }, 'correct'],
  ['text', { correct: 'true' }, 'correct'],
  ['1', { correct: 1 }, 'correct'],
  ['a note of 1001 characters', { correct: true, note: 'n'.repeat(1_001) }, 'note'],
  ['a note with U+0000', { correct: true, note: 'a\u0000' }, 'note'],
  ['a note with a lone surrogate', { correct: true, note: '\ud83d' }, 'note'],
  ['a number as note', { correct: true, note: 7 }, 'note'],
])('%s is refused and names its fault', async (_, body, path) => {
  const mine = await project();
  const id = await deployment(mine, 'ok');
  const answer = await give(mine.apiKey, id, body);
  expectProblem(answer, 'VALIDATION_FAILED');
  expect(answer.body.errors.map((fault: { path: string }) => fault.path)).toEqual([path]);
  expect((await stage.api.deployment(mine.apiKey, id)).body.feedback).toBeNull();
});

test('a note of 1000 characters is taken, and no note is in the log', async () => {
  const mine = await project();
  const note = `called in the middle of the night ${'😀'.repeat(483)}`;
  expect(note).toHaveLength(1_000);
  const answer = await give(mine.apiKey, await deployment(mine, 'ok'), { correct: true, note });
  expect(answer.body.note).toBe(note);
  expect(stage.running.logged).toContainEqual(expect.objectContaining({ event: 'feedback', correct: true }));
  expect(JSON.stringify(stage.running.logged)).not.toContain('middle of the night');
});

test('feedback goes with its project', async () => {
  const mine = await project();
  await give(mine.apiKey, await deployment(mine, 'ok'), { correct: true });
  await stage.api.operator('DELETE', `/projects/${mine.id}`);
  expect(await stage.database.query('select * from seqpulse.verdict_feedback')).toEqual([]);
});
