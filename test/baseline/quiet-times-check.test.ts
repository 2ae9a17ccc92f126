import { expect, test } from 'vitest';
import { checkQuietTimes } from '../../src/baseline/quiet-times-check.ts';
import type { Tables } from '../../src/db/database.ts';
import { isRefusal } from '../../src/model/refusal.ts';
import { windowOf } from '../verdict/samples.ts';

const WEEK_MINUTES = 7 * 1_440;

/** Tables that answer at once, so that all the time there is goes into judging. */
function tablesWith(samples: number): Pick<Tables, 'projects' | 'baselineSamples' | 'levelHistory'> {
  return {
    projects: { find: async () => ({ envs: ['prod'], observationWindowMinutes: 5, limits: {} }) },
    levelHistory: { listOf: async () => [] },
    baselineSamples: { listOf: async () => windowOf(samples, 0) },
  } as unknown as Pick<Tables, 'projects' | 'baselineSamples' | 'levelHistory'>;
}

test('a week is judged in pieces: the process serves others in between', async () => {
  let turns = 0;
  let counting = setImmediate(function count() {
    turns += 1;
    counting = setImmediate(count);
  });
  const checked = await checkQuietTimes(
    { db: tablesWith(WEEK_MINUTES), now: () => WEEK_MINUTES * 60_000 },
    { projectId: 'p', env: null, days: 7, limits: {} },
  );
  clearImmediate(counting);
  if (isRefusal(checked)) throw new Error(checked.detail);
  expect(checked.check.pairs).toBe(2_013);
  expect(turns).toBeGreaterThan(10);
});
