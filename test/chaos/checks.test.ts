import { expect, test } from 'vitest';
import { checkCounters, checkLifecycles, checkProbed, type FaultSpan } from './checks.ts';
import type { Lifecycle } from './clients.ts';
import type { StoredDeployment } from './facts.ts';

/** A table that says "right" whatever happened would be worse than none: each line is made wrong here once. */
const LIFECYCLE: Lifecycle = {
  apiKey: 'k',
  env: 'prod',
  key: 'key-1',
  startsMs: 0,
  deploysMs: 0,
  triggerSentMs: 1_000,
  triggeredMs: 1_100,
  id: 'one',
  finishedMs: 10_000,
  seen: '{}',
  wrong: [],
};
const ROW: StoredDeployment = {
  id: 'one',
  state: 'analyzed',
  key: 'key-1',
  startedMs: 1_050,
  finishedMs: 10_000,
  windowEndsMs: 40_000,
  analyzedMs: 40_500,
  verdicts: 1,
  postExpected: 5,
  postStored: 4,
  postGivenUp: 1,
  twice: 0,
  jobsLeft: 0,
};
/** Window's end, both retry delays, 60 s, and the look for overdue verdicts. */
const LATEST_MS = 40_000 + 6_000 + 60_000 + 3_000;

const wrongOf = (
  rows: readonly Partial<StoredDeployment>[],
  lifecycle: Partial<Lifecycle> = {},
  spans: readonly FaultSpan[] = [],
) =>
  checkLifecycles(
    [{ ...LIFECYCLE, ...lifecycle }],
    rows.map((row) => ({ ...ROW, ...row })),
    spans,
  )
    .filter(({ wrong }) => wrong.length > 0)
    .map(({ name }) => name);

test('a deployment as it should be is right in every line', () => {
  expect(wrongOf([{}])).toEqual([]);
});

test.each([
  ['every acknowledged trigger has a row', [{ key: 'another' }]],
  ['one key, one deployment', [{}, { id: 'two' }]],
  ['every finished deployment has one verdict', [{ state: 'finished' }]],
  ['every finished deployment has one verdict', [{ verdicts: 0 }]],
  ['every finished deployment has one verdict', [{ verdicts: 2 }]],
  ['no sample twice', [{ twice: 1 }]],
  ['no job lost', [{ jobsLeft: 1 }]],
  ['no job lost', [{ postStored: 3 }]],
  ['no job lost', [{ postStored: 5 }]],
  ['verdicts in time', [{ analyzedMs: 39_999 }]],
  ['verdicts in time', [{ analyzedMs: LATEST_MS + 1 }]],
  ['times follow the database', [{ startedMs: 25_000 }]],
])('wrong is told: %s', (name, rows) => {
  expect(wrongOf(rows)).toEqual([name]);
});

test('a trigger that was acknowledged and is gone is wrong', () => {
  expect(wrongOf([])).toContain('every acknowledged trigger has a row');
});

test('a verdict that changed before somebody’s eyes is wrong', () => {
  expect(wrongOf([{}], { wrong: ['changed'] })).toEqual(['what clients saw never changed, no 500']);
});

test('the latest moment is in time, and moves with a database that is away, not with one that is not', () => {
  expect(wrongOf([{ analyzedMs: LATEST_MS }])).toEqual([]);
  const late = [{ analyzedMs: LATEST_MS + 20_000 }];
  const span = { startMs: LATEST_MS - 5_000, endMs: LATEST_MS + 10_000 };
  expect(wrongOf(late, {}, [{ ...span, away: true }])).toEqual([]);
  expect(wrongOf(late, {}, [{ ...span, away: false }])).toEqual(['verdicts in time']);
});

test('a slow answer, a verdict announced twice or of nothing, a counter that disagrees', () => {
  expect(checkProbed({ seconds: { '/metrics': [0.1, 3.1], '/health': [3] } }).map(({ wrong }) => wrong.length)).toEqual(
    [1, 0],
  );
  const counters = [{ name: 'replica 1', logged: 1, counter: 2 }];
  expect(checkCounters(['one', 'one', 'two'], counters, [ROW]).map(({ wrong }) => wrong)).toEqual([
    ['one: announced again', 'two: announced without a row'],
    ['replica 1: counter 2, announced 1'],
  ]);
  expect(
    checkCounters(['one'], [{ name: 'replica 1', logged: 1, counter: 1 }], [ROW]).flatMap((one) => one.wrong),
  ).toEqual([]);
});
