import { expect, test } from 'vitest';
import { showSample, showVerdict } from '../../src/http/views.ts';
import { samplesTable } from '../../src/pages/samples-table.ts';
import { frameOf } from '../../src/report/frame.ts';
import { headlineOf } from '../../src/report/headline.ts';
import { markdownOf } from '../../src/report/markdown.ts';
import { markup, type Piece } from '../../src/report/markup.ts';
import { plotOf } from '../../src/report/plot.ts';
import { reportOf } from '../../src/report/report.ts';
import type { ReportedSample, ReportedVerdict } from '../../src/report/wire.ts';
import { judge } from '../../src/verdict/judge.ts';
import type { Sample } from '../../src/verdict/types.ts';
import { FINISHED_MS, madeDeployment, NOW_MS, STEADY, TRIGGERED_MS } from './support.ts';

const NUMBERS = { error_rate: 0.004, requests_per_sec: 42, memory_usage: 0.5, latency_p95: 242.5, lateSeconds: 0 };

function sampleAt(collectedAtMs: number, latencyMean: number, cpuCores: number): Sample {
  const latencyBucket = { low: 100, high: 250 };
  return { ...NUMBERS, cpu_usage: null, collectedAtMs, latencyMean, latencyBucket, cpuCores };
}

const textOf = (piece: Piece) => markup`${piece}`.markup;

/** The mean went from 65 to 108 ms inside one bucket, CPU from 2 to 2.1 cores. */
function reported() {
  const pre = Array.from({ length: 15 }, (_, i) => sampleAt(TRIGGERED_MS - (15 - i) * 60_000, 65, 2));
  const post = Array.from({ length: 5 }, (_, i) => sampleAt(FINISHED_MS + i * 60_000, 108, 2.1));
  const judgement = judge({ pre, post, expectedPre: 15, expectedPost: 5, collectionEnded: null });
  const verdict = showVerdict({ ...judgement, hints: [] }, { kind: 'project' }) as ReportedVerdict;
  const shown = (phase: 'pre' | 'post') => (sample: Sample) =>
    showSample({ ...sample, phase, fromBaseline: phase === 'pre' }) as ReportedSample;
  const { deployment } = madeDeployment(STEADY, { more: { verdict } });
  const samples = [...pre.map(shown('pre')), ...post.map(shown('post'))];
  return { verdict, report: reportOf(deployment, NOW_MS, samples) };
}

test('a headline of a judged mean says mean latency', () => {
  expect(headlineOf(reported().verdict)).toBe('mean latency rose from 65 ms to 108 ms');
});

test('the evidence on the wire says what was judged, and how closely p95 could be read', () => {
  const { evidence } = reported().verdict.details.find(({ metric }) => metric === 'latency_p95') ?? {};
  expect(evidence).toMatchObject({
    judged_by: 'latency_mean',
    resolution: [100, 250],
    p95_blind: true,
    p95_read: [242.5, 242.5],
  });
});

test('a report draws the mean, in its own numbers, and says why', () => {
  const { report } = reported();
  const [latency] = report.metrics;
  expect(latency).toMatchObject({ metric: 'latency_p95', quantity: 'latency_mean', name: 'Mean latency' });
  expect(latency?.proof).toMatch(/^5 of 5 samples above the limit, /);
  expect(latency?.proof).toMatch(
    /Judged by the mean: p95 here can’t tell 100 from 250 ms, and read 243 ms before and 243 ms after\.$/,
  );
  expect(report.lookFirst).toMatchObject({ name: 'Mean latency' });
  const frame = frameOf(report);
  if (latency === undefined || frame === null) throw new Error('nothing to draw');
  expect(plotOf(report, latency, frame, 'large').after.map(({ text }) => text)[0]).toMatch(/108 ms, beyond the limit/);
});

test('Markdown and the table of samples show the mean and the cores', () => {
  const { report } = reported();
  const markdown = markdownOf(report);
  expect(markdown).toContain('| **▲ Mean latency** | **65 ms → 108 ms** |');
  expect(markdown).toContain('Judged by the mean: p95 here can’t tell 100 from 250 ms');
  expect(markdown).toMatch(/\| CPU \| 2(\.0+)? cores → 2\.10? cores \|/);
  const table = textOf(samplesTable(report));
  expect(table).toContain('<th scope="col">Mean latency</th>');
  expect(table).toContain('<th scope="col">CPU, cores</th>');
});
