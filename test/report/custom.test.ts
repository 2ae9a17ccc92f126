import { expect, test } from 'vitest';
import { showSample, showVerdict } from '../../src/http/views.ts';
import { metricsHtml } from '../../src/pages/metrics-html.ts';
import { samplesTable } from '../../src/pages/samples-table.ts';
import { frameOf } from '../../src/report/frame.ts';
import { markdownOf } from '../../src/report/markdown.ts';
import { markup, type Piece } from '../../src/report/markup.ts';
import { reportOf } from '../../src/report/report.ts';
import { svgOf } from '../../src/report/svg.ts';
import { textOf } from '../../src/report/text.ts';
import type { ReportedSample, ReportedVerdict } from '../../src/report/wire.ts';
import type { CustomMetric } from '../../src/verdict/custom/custom-metric.ts';
import { judge } from '../../src/verdict/judge.ts';
import type { Sample } from '../../src/verdict/types.ts';
import { FINISHED_MS, madeDeployment, NOW_MS, STEADY, TRIGGERED_MS } from './support.ts';

const CUSTOM: readonly CustomMetric[] = [
  {
    name: 'queue_depth',
    unit: 'jobs',
    kind: 'level',
    worse: 'up',
    matters: { relative: null, absolute: 10 },
    isCounted: false,
  },
  {
    name: 'constructor',
    unit: '',
    kind: 'share',
    worse: 'down',
    matters: { relative: null, absolute: 0.02 },
    isCounted: true,
  },
];

function sampleAt(collectedAtMs: number, depth: number): Sample {
  const custom = { queue_depth: { value: depth }, constructor: { value: 0.99, events: 3_000 } };
  const numbers = { error_rate: 0.004, requests_per_sec: 42, memory_usage: 0.5, latency_p95: 182, cpu_usage: 0.3 };
  return { ...numbers, collectedAtMs, lateSeconds: 0, custom };
}

const htmlOf = (piece: Piece) => markup`${piece}`.markup;

function reported() {
  const pre = Array.from({ length: 15 }, (_, i) => sampleAt(TRIGGERED_MS - (15 - i) * 60_000, 40));
  const post = Array.from({ length: 5 }, (_, i) => sampleAt(FINISHED_MS + i * 60_000, 96));
  const judgement = judge({ pre, post, expectedPre: 15, expectedPost: 5, collectionEnded: null, custom: CUSTOM });
  const verdict = showVerdict({ ...judgement, hints: [] }, { kind: 'project' }) as ReportedVerdict;
  const shown = (phase: 'pre' | 'post') => (sample: Sample) =>
    showSample({ ...sample, phase, fromBaseline: phase === 'pre' }) as ReportedSample;
  const { deployment } = madeDeployment(STEADY, { more: { verdict } });
  return { report: reportOf(deployment, NOW_MS, [...pre.map(shown('pre')), ...post.map(shown('post'))]), verdict };
}

test('a metric of somebody’s own stands in a report like the five, the failed first', () => {
  const { report, verdict } = reported();
  expect(verdict.details).toHaveLength(7);
  expect(report.sentence).toBe('queue_depth rose from 40 jobs to 96 jobs.');
  expect(report.metrics.map(({ key }) => key)).toEqual([
    'custom-queue_depth',
    'error_rate',
    'latency_p95',
    'requests_per_sec',
    'cpu_usage',
    'memory_usage',
    'custom-constructor',
  ]);
  expect(report.lookFirst).toMatchObject({ name: 'queue_depth', key: 'custom-queue_depth' });
  expect(report.metrics[0]).toMatchObject({ metric: 'custom', change: '+56 jobs', factor: '×2.4' });
});

test('Markdown, text, picture, page and the table of samples show it', () => {
  const { report } = reported();
  expect(markdownOf(report)).toContain('| **▲ queue\\_depth** | **40 jobs → 96 jobs** | +56 jobs |');
  expect(textOf(report)).toMatch(/▲ queue_depth +40 jobs → 96 jobs +\+56 jobs/);
  expect(svgOf(report)).toContain('queue_depth');
  const page = htmlOf(metricsHtml(report, frameOf(report)));
  expect(page).toContain('id="m-custom-queue_depth"');
  expect(page).toContain('96');
  const table = htmlOf(samplesTable(report));
  expect(table).toContain('<th scope="col">queue_depth</th><th scope="col">constructor</th>');
  expect(table).toMatch(/<td>96(\.0)?.jobs<\/td>/);
});
