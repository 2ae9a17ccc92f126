import { describe, expect, test } from 'vitest';
import { countsReadings, evidenceOf } from '../../src/baseline/evidence.ts';
import type { StoredSample } from '../../src/model/sample.ts';

const STARTED_MS = Date.parse('2030-01-01T12:00:00Z');

function sample(phase: 'pre' | 'post', secondsAfterStart: number, fromBaseline = false): StoredSample {
  return {
    phase,
    fromBaseline,
    collectedAtMs: STARTED_MS + secondsAfterStart * 1000,
    lateSeconds: 0,
    requests_per_sec: 20,
    latency_p95: 120,
    error_rate: 0,
    cpu_usage: 0.3,
    memory_usage: 0.5,
  };
}

const ring = (count: number, newestSecondsBefore = 30) =>
  Array.from({ length: count }, (_, index) => sample('pre', -newestSecondsBefore - (count - 1 - index) * 60, true));
const read = Array.from({ length: 5 }, (_, index) => sample('pre', index * 5));
const after = Array.from({ length: 5 }, (_, index) => sample('post', 100 + index * 60));

function evidence(kept: StoredSample[], baselineSource: 'at_trigger' | 'continuous' | 'last_good') {
  const startedAt = new Date(STARTED_MS);
  const found = evidenceOf([...kept, ...read, ...after], { baselineSource, startedAt, preExpected: 5 });
  return { ...found, kept: found.pre.filter((one) => kept.includes(one as StoredSample)).length };
}

describe('the evidence of a deployment', () => {
  test('without a baseline kept ready it is what was read at the trigger', () => {
    expect(evidence([], 'at_trigger')).toMatchObject({ pre: read, post: after, expectedPre: 5, setAside: [] });
  });

  test('a complete ring stands alone, and what was read at the trigger is said to be left out', () => {
    expect(evidence(ring(15), 'continuous')).toMatchObject({
      pre: ring(15),
      post: after,
      expectedPre: 15,
      setAside: [{ phase: 'pre', reason: 'other_baseline', count: 5 }],
    });
  });

  test('a ring of fourteen is filled up with what was read at the trigger', () => {
    expect(evidence(ring(14), 'continuous')).toMatchObject({ kept: 14, expectedPre: 19, setAside: [] });
    expect(evidence(ring(14), 'continuous').pre).toHaveLength(19);
  });

  test('a ring is stale more than ten minutes after its last reading', () => {
    expect(evidence(ring(15, 600), 'continuous').pre).toHaveLength(15);
    expect(evidence(ring(15, 601), 'continuous').pre).toHaveLength(20);
  });

  test.each([
    ['at_trigger', []],
    ['continuous', ring(14)],
    ['continuous', ring(15)],
    ['continuous', ring(15, 600)],
    ['continuous', ring(15, 601)],
    ['last_good', ring(3, 86_400)],
  ] as const)('more than one is read at the trigger only where it counts: %s %#', (source, kept) => {
    const isUsed = evidence([...kept], source).setAside.length === 0;
    expect(countsReadings(source, kept, STARTED_MS)).toBe(isUsed);
  });

  test('in a bad state the last good baseline stands alone, however short and old', () => {
    expect(evidence(ring(3, 86_400), 'last_good')).toMatchObject({
      pre: ring(3, 86_400),
      expectedPre: 3,
      setAside: [{ phase: 'pre', reason: 'other_baseline', count: 5, text: 'read in a bad state' }],
    });
  });
});
