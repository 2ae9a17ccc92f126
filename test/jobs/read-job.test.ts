import { expect, test } from 'vitest';
import { readJob } from '../../src/jobs/read-job.ts';

const ID = '0f1d3c5a-7b9d-4e2f-8a6c-1b3d5f7a9c0e';
const JOB = 'aaaaaaaa-7b9d-4e2f-8a6c-1b3d5f7a9c0e';
const NOW = Date.parse('2026-03-01T12:00:00Z');
const DUE = new Date('2026-03-01T11:59:00Z');
const WHOLE = { deploymentId: ID, sequence: 3, dueAtMs: 5_000, attempt: 2 };

const read = (data: unknown, { type = 'post_collect' as const, startAfter = DUE } = {}) =>
  readJob(type, JOB, { data, retryCount: 1, startAfter }, NOW);

test('a whole row is read as it is', () => {
  const trace = { traceparent: '00-1-2-01' };
  expect(read({ ...WHOLE, trace, triggeredIn: null, more: 'of another release' })).toEqual({
    claim: { type: 'post_collect', id: JOB, retryCount: 1, data: { ...WHOLE, trace, triggeredIn: null } },
    startAfterMs: DUE.getTime(),
  });
});

test.each([
  null,
  'a word',
  [],
  {},
  { ...WHOLE, deploymentId: undefined },
  { ...WHOLE, deploymentId: 7 },
  { ...WHOLE, deploymentId: 'no id' },
  { ...WHOLE, deploymentId: `${ID}0` },
  { ...WHOLE, deploymentId: `{${ID}}` },
  { ...WHOLE, sequence: undefined },
  { ...WHOLE, sequence: '3' },
  { ...WHOLE, sequence: -1 },
  { ...WHOLE, sequence: 1.5 },
])('whose it is, or which of the readings, can’t be told: %j', (data) => {
  expect(read(data)).toBeNull();
});

test.each(['many', -1, 0.5, null, undefined])('%j tries are none yet', (attempt) => {
  expect(read({ ...WHOLE, attempt })?.claim.data.attempt).toBe(0);
});

test.each(['soon', Number.NaN, 1e300, null, undefined, new Date(Number.NaN)])(
  'due at %j: at the time at which the queue gave it',
  (dueAtMs) => {
    expect(read({ ...WHOLE, dueAtMs })?.claim.data.dueAtMs).toBe(DUE.getTime());
  },
);

test.each([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, null, new Date(Number.NaN)])(
  'the queue’s own time is %j: now',
  (startAfter) => {
    expect(read(WHOLE, { startAfter: startAfter as Date })?.startAfterMs).toBe(NOW);
  },
);

test.each(['none', null, { traceparent: { not: 'text' } }, { traceparent: '00', tracestate: 7 }])(
  'a trace that no propagator reads is left out: %j',
  (trace) => {
    expect(read({ ...WHOLE, trace })?.claim.data).not.toHaveProperty('trace');
  },
);

test('an analysis needs no data: its id is the deployment’s', () => {
  for (const data of [null, 'gone', { deploymentId: ID, sequence: 'first' }]) {
    const job = readJob('analysis', JOB, { data, retryCount: 0, startAfter: DUE }, NOW);
    expect(job?.claim.data).toEqual({ deploymentId: JOB, sequence: 0, dueAtMs: DUE.getTime(), attempt: 0 });
  }
});

test('the trace in which it was triggered is text, or said to be none; anything else is left out', () => {
  expect(read({ ...WHOLE, triggeredIn: 'a1b2' })?.claim.data.triggeredIn).toBe('a1b2');
  expect(read({ ...WHOLE, triggeredIn: 7 })?.claim.data).not.toHaveProperty('triggeredIn');
});
