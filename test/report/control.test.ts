import { expect, test } from 'vitest';
import { showVerdict } from '../../src/http/views.ts';
import { reportOf } from '../../src/report/report.ts';
import type { ReportedVerdict } from '../../src/report/wire.ts';
import { judge } from '../../src/verdict/judge.ts';
import type { Sample } from '../../src/verdict/types.ts';
import { FINISHED_MS, madeDeployment, NOW_MS, STEADY, TRIGGERED_MS } from './support.ts';

const NUMBERS = { error_rate: 0.002, requests_per_sec: 20, cpu_usage: 0.3, memory_usage: 0.5 };

/** Milliseconds of the service and of its control. */
function sampleAt(collectedAtMs: number, own: number, control: number): Sample {
  const numbers = { ...NUMBERS, latency_p95: control };
  return { ...NUMBERS, latency_p95: own, collectedAtMs, lateSeconds: 0, control: { numbers } };
}

function reportBeside(own: number, control: number) {
  const pre = Array.from({ length: 15 }, (_, i) => sampleAt(TRIGGERED_MS - (15 - i) * 60_000, 180, 180));
  const post = Array.from({ length: 5 }, (_, i) => sampleAt(FINISHED_MS + i * 60_000, own, control));
  const judgement = judge({ pre, post, expectedPre: 15, expectedPost: 5, collectionEnded: null });
  const verdict = showVerdict({ ...judgement, hints: [] }, { kind: 'project' }) as ReportedVerdict;
  const { deployment } = madeDeployment(STEADY);
  return reportOf({ ...deployment, verdict }, NOW_MS, []);
}

test('what rose at the control too is told as no worse than there, with what the control did', () => {
  const { sentence, metrics } = reportBeside(280, 280);
  expect(sentence).toBe('Nothing got worse than at the control.');
  const proofOf = (name: string) => metrics.find(({ metric }) => metric === name)?.proof;
  expect(proofOf('latency_p95')).toContain('The control went from 180 ms to 280 ms in the same minutes.');
  expect(proofOf('error_rate')).not.toContain('control');
});

test('a control that stands still is not spoken of', () => {
  expect(reportBeside(181, 180).sentence).toBe('Nothing got worse.');
});
