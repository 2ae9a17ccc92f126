import { expect, test, vi } from 'vitest';
import type { Neighbour } from '../../src/db/baselines/neighbours.ts';
import { isElseExplained, lookAtOthers } from '../../src/lifecycle/look-at-others.ts';
import { hintsOf } from '../../src/verdict/hints.ts';
import { judge } from '../../src/verdict/judge.ts';
import type { Sample } from '../../src/verdict/types.ts';
import { inputOf, MINUTE_MS, windowOf } from '../verdict/samples.ts';

const STARTED_MS = 15 * MINUTE_MS;
const FINISHED_MS = 18 * MINUTE_MS;
const CONTEXT = { projectId: 'own', env: 'prod', startedAt: new Date(STARTED_MS), finishedAt: new Date(FINISHED_MS) };
const WORSE = { error_rate: 0.5 };

const before = (count = 15) => windowOf(count, STARTED_MS - count * MINUTE_MS);
const after = (values: Partial<Sample>, count = 5) => windowOf(count, FINISHED_MS + 20_000, () => values);
const neighbour = (id: string, samples: readonly Sample[]): Neighbour => ({ id, name: `name of ${id}`, samples });

function own(values: Partial<Sample>) {
  const input = inputOf(before(), after(values));
  const judgement = judge(input);
  const hints = hintsOf(judgement, input, { finishedAtMs: FINISHED_MS, failedReads: null, traceId: null });
  return { ...judgement, hints, others: null };
}

async function look(judgement: ReturnType<typeof own>, neighbours: readonly Neighbour[], otherProjects = true) {
  const listOf = vi.fn(async () => [...neighbours]);
  const deps = { settings: { otherProjects } };
  return { looked: await lookAtOthers(deps, { neighbours: { listOf } }, CONTEXT, after({}), judgement), listOf };
}

test('others are judged over the deployment’s own minutes: what was read while it was going on is in neither window', async () => {
  const meanwhile = windowOf(3, STARTED_MS, () => ({ error_rate: 0.9 }));
  const { looked, listOf } = await look(own({ error_rate: 0.1 }), [
    neighbour('worse', [...before(), ...meanwhile, ...after(WORSE)]),
    neighbour('well again', [...before(), ...meanwhile, ...after({})]),
  ]);
  expect(looked).toMatchObject({
    verdict: 'attention',
    others: {
      lookedAt: 2,
      worse: [{ project: { id: 'worse' }, movement: { sinceMs: FINISHED_MS + 20_000 } }],
      suspects: ['worse'],
      lowered: true,
    },
  });
  const span = { fromMs: STARTED_MS - 20 * MINUTE_MS, toMs: FINISHED_MS + 20_000 + 5 * MINUTE_MS };
  expect(listOf).toHaveBeenCalledExactlyOnceWith('own', 'prod', span, 200);
});

test.each([
  ['four readings before', [...before(4), ...after(WORSE)]],
  ['two readings after', [...before(), ...after(WORSE, 2)]],
  ['readings before alone', before()],
])('of somebody with %s nothing is known', async (_what, samples) => {
  const alone = own({ error_rate: 0.1 });
  const { looked } = await look(alone, [neighbour('new', samples)]);
  expect(looked).toEqual({ ...alone, others: { lookedAt: 0, worse: [], suspects: [], lowered: false } });
});

test.each([
  ['no alarm', {}, true],
  ['a CPU of its own', { error_rate: 0.1, cpu_usage: 0.95 }, true],
  ['switched off', { error_rate: 0.1 }, false],
])('%s: nobody is asked', async (_what, values, isOn) => {
  const alone = own(values);
  const { looked, listOf } = await look(alone, [neighbour('worse', [...before(), ...after(WORSE)])], isOn);
  expect(looked).toBe(alone);
  expect(listOf).not.toHaveBeenCalled();
});

/** Two samples into a window. */
async function lookEarly(values: Partial<Sample>, neighbours: readonly Neighbour[], otherProjects = true) {
  const listOf = vi.fn(async () => [...neighbours]);
  const input = { ...inputOf(before(), after(values, 2)), expectedPost: 5 };
  const isElse = await isElseExplained({ settings: { otherProjects } }, { neighbours: { listOf } }, CONTEXT, input);
  return { isElse, asked: listOf.mock.calls.length };
}

test.each([
  ['others explain waits', { error_rate: 0.1 }, WORSE, true, { isElse: true, asked: 1 }],
  ['others suffer from does not', { error_rate: 0.1 }, { error_rate: 0.05 }, true, { isElse: false, asked: 1 }],
  ['nobody else has does not', { error_rate: 0.1 }, {}, true, { isElse: false, asked: 1 }],
  ['its own CPU has part in does not', { error_rate: 0.1, cpu_usage: 0.95 }, WORSE, true, { isElse: false, asked: 0 }],
  ['is looked at alone does not', { error_rate: 0.1 }, WORSE, false, { isElse: false, asked: 0 }],
])('an early rollback that %s', async (_what, values, theirs, isOn, expected) => {
  const neighbours = [neighbour('other', [...before(), ...after(theirs, 2)])];
  expect(await lookEarly(values, neighbours, isOn)).toEqual(expected);
});
