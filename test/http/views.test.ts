import { describe, expect, test } from 'vitest';
import { showVerdict } from '../../src/http/views.ts';
import { judge } from '../../src/verdict/judge.ts';
import type { Sample } from '../../src/verdict/types.ts';

/** Five readings, a minute apart, that differ in nothing. */
function window(fromMs: number, error_rate: number): Sample[] {
  return Array.from({ length: 5 }, (_, index) => ({
    collectedAtMs: fromMs + index * 60_000,
    lateSeconds: 0,
    requests_per_sec: 12.9,
    latency_p95: 186.113148276475,
    error_rate,
    cpu_usage: 0.31,
    memory_usage: 0.52,
  }));
}

describe('a verdict on the wire', () => {
  const judgement = judge({
    pre: window(0, 0.004),
    post: window(600_000, 0.004),
    expectedPre: 5,
    expectedPost: 5,
    collectionEnded: null,
  });

  test('shows its figures with six digits, without the dust of floating point', () => {
    const { details } = showVerdict({ ...judgement, hints: [] }, { kind: 'project' }) as {
      details: Record<string, unknown>[];
    };
    const errors = details.find((finding) => finding.metric === 'error_rate');
    expect(errors).toMatchObject({ baseline: 0.004, observed: 0.004, evidence: { change: 0, strength: 0 } });
    expect(details.find((finding) => finding.metric === 'latency_p95')?.baseline).toBe(186.113);
    expect(JSON.stringify(details)).not.toMatch(/\d\.\d{12,}|e-1\d/);
  });

  test('keeps null what could not be known', () => {
    const nothing = judge({ pre: [], post: [], expectedPre: 5, expectedPost: 5, collectionEnded: null });
    const { details } = showVerdict({ ...nothing, hints: [] }, { kind: 'project' }) as {
      details: Record<string, unknown>[];
    };
    expect(details[0]).toMatchObject({ baseline: null, observed: null, evidence: { change: null, interval: null } });
  });

  test('of a service that showed no error, a change is one from the level that it says it expected', () => {
    const silent = judge({
      pre: window(0, 0),
      post: window(600_000, 0),
      expectedPre: 5,
      expectedPost: 5,
      collectionEnded: null,
    });
    const { details } = showVerdict({ ...silent, hints: [] }, { kind: 'project' }) as {
      details: { metric: string; observed: number; evidence: { change: number; expected: number } }[];
    };
    const errors = details.find(({ metric }) => metric === 'error_rate');
    expect(errors?.evidence.change).toBeLessThan(0);
    expect(errors?.evidence.expected).toBeCloseTo((errors?.observed ?? 0) - (errors?.evidence.change ?? 0), 9);
  });
});
