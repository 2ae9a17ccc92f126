import { expect, test, vi } from 'vitest';
import { BROKEN, HEALTHY } from '../../harness/observed-app.ts';
import { lookEarly } from '../../src/lifecycle/early-look.ts';
import { postCollect } from '../../src/lifecycle/post-collect.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { expectProblem } from '../support/problem.ts';
import { createStory, type Started } from '../support/story.ts';

const stage = useClockedStage();
const story = createStory(stage);

const wait = async ({ apiKey, id }: Started, query: string) =>
  await stage.api.request('GET', `/deployments/${id}?${query}`, { headers: { 'X-API-Key': apiKey } });

test('grave errors recommend a rollback while the window goes on; the verdict confirms it', async () => {
  const finished = await story.finished();
  stage.app.metrics = BROKEN;
  await story.until(finished, 10);
  expect(await story.read(finished)).toMatchObject({ state: 'finished', preliminary: null });
  await story.until(finished, 70);
  const early = await story.read(finished);
  expect(early).toMatchObject({
    state: 'finished',
    verdict: null,
    preliminary: {
      verdict: 'rollback_recommended',
      summary: expect.stringMatching(/^Early, on 2 of 5 samples: Error rate rose/),
      minute: 1,
      outcome: null,
    },
  });
  expect(early.preliminary.details.map(({ metric }: { metric: string }) => metric)).toEqual(['error_rate']);
  await story.until(finished, 301);
  const late = await story.read(finished);
  expect(late).toMatchObject({ state: 'analyzed', verdict: { verdict: 'rollback_recommended' } });
  expect(late.preliminary).toEqual({ ...early.preliminary, outcome: 'confirmed' });
});

test('what passes is withdrawn by the verdict, and told no second time', async () => {
  const finished = await story.finished({ observation_window_minutes: 15 });
  stage.app.metrics = BROKEN;
  await story.until(finished, 70);
  const { preliminary } = await story.read(finished);
  expect(preliminary.summary).toMatch(/^Early, on 2 of 15 samples/);
  stage.app.metrics = HEALTHY;
  await story.until(finished, 901);
  const late = await story.read(finished);
  expect(late.verdict.verdict).not.toBe('rollback_recommended');
  expect(late.preliminary).toEqual({ ...preliminary, outcome: 'withdrawn' });
});

test('too few samples at the end neither confirm nor withdraw it', async () => {
  const finished = await story.finished();
  stage.app.metrics = BROKEN;
  await story.until(finished, 70);
  stage.app.behaviour = (response) => void response.writeHead(503).end();
  await story.until(finished, 1_200);
  expect(await story.read(finished)).toMatchObject({
    verdict: { verdict: 'insufficient_data' },
    preliminary: { verdict: 'rollback_recommended', outcome: null },
  });
});

test('who waits for an early verdict is answered with it, who waits for the end goes on waiting', async () => {
  const finished = await story.finished();
  stage.app.metrics = BROKEN;
  await story.until(finished, 50);
  const early = wait(finished, 'wait=60&until=preliminary');
  let ended = false;
  const end = wait(finished, 'wait=60').then((answer) => {
    ended = true;
    return answer;
  });
  await story.until(finished, 70);
  expect((await early).body).toMatchObject({ state: 'finished', preliminary: { outcome: null } });
  expect(ended).toBe(false);
  expect((await wait(finished, 'wait=60&until=preliminary')).body.preliminary.verdict).toBe('rollback_recommended');
  await story.until(finished, 301);
  expect((await end).status).toBe(200);
  expectProblem(await wait(finished, 'wait=1&until=never'), 'VALIDATION_FAILED');
});

test('a look is given what is stored by one statement, and is of no use once there is an early verdict', async () => {
  const { preliminaries } = stage.running.service.lifecycle.db;
  const finished = await story.finished();
  await story.until(finished, 70);
  const found = await preliminaries.findLook(finished.id);
  expect(found?.context).toMatchObject({ state: 'finished', postExpected: 5 });
  expect(found?.samples).toEqual(await stage.running.service.lifecycle.db.samples.listOf(finished.id));
  stage.app.metrics = BROKEN;
  await story.until(finished, 190);
  expect((await story.read(finished)).preliminary).not.toBeNull();
  expect(await preliminaries.findLook(finished.id)).toBeNull();
});

test.each([
  ['the first reading', { settled: 1 }, 0],
  ['the second', { settled: 2 }, 1],
  ['one that was stored together with a later one', { settled: null }, 0],
  ['one stored before, by a worker that may have died over the look', { settled: 2, outcome: 'dropped' }, 1],
  ['the last', { settled: 5, allSettled: true }, 0],
])('after %s: looks', async (_which, stored, looks) => {
  const findLook = vi.fn(async () => null);
  const deps = {
    settings: { earlyRollback: true, postIntervalSeconds: 60 },
    now: () => 0,
    log: { debug() {}, info() {} },
    telemetry: { sampleCollected() {} },
    sources: { readMinute: async () => ({ outcome: 'ok', leftOut: [] }) },
    collects: {
      findContext: async () => ({ state: 'finished', collectionEnded: null, source: { kind: 'pull' } }),
      storePost: async () => ({ outcome: 'stored', allSettled: false, windowEndsAt: null, ...stored }),
    },
    db: { preliminaries: { findLook } },
  };
  const claim = { data: { deploymentId: 'any', sequence: 1, attempt: 0, dueAtMs: 0 }, retryCount: 0 };
  await postCollect(deps as never, claim as never, new AbortController().signal);
  expect(findLook.mock.calls).toHaveLength(looks);
});

test('switched off nothing is looked at, and a look that fails harms nobody', async () => {
  const warned: unknown[] = [];
  const deps = (earlyRollback: boolean) =>
    ({ settings: { earlyRollback }, log: { warn: (fields: unknown) => warned.push(fields) } }) as never;
  await lookEarly(deps(false), 'any');
  expect(warned).toEqual([]);
  await lookEarly(deps(true), 'any');
  expect(warned).toEqual([expect.objectContaining({ event: 'early_look_failed' })]);
});
