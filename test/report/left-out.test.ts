import { describe, expect, it } from 'vitest';
import { leftOutSamples } from '../../src/lifecycle/left-out-samples.ts';
import type { AnalysisContext } from '../../src/model/deployment.ts';
import type { StoredSample } from '../../src/model/sample.ts';
import { plotHtml } from '../../src/pages/plot-html.ts';
import { samplesTable } from '../../src/pages/samples-table.ts';
import { frameOf } from '../../src/report/frame.ts';
import { markup, type Piece } from '../../src/report/markup.ts';
import { plotOf } from '../../src/report/plot.ts';
import { reportOf } from '../../src/report/report.ts';
import { svgOf } from '../../src/report/svg.ts';
import type { ReportedSample } from '../../src/report/wire.ts';
import { FINISHED_MS, madeDeployment, NOW_MS, TRIGGERED_MS, WORSE } from './support.ts';

const LATE = 'read so late that they may already show the new version';

const markupText = (piece: Piece): string => markup`${piece}`.markup;

/** One before that came late, one after that repeats another's moment. */
function withLeftOut() {
  const { deployment, samples } = madeDeployment(WORSE);
  const iso = (atMs: number) => new Date(atMs).toISOString();
  const first = samples[0] as ReportedSample;
  const more: ReportedSample[] = [
    { ...first, phase: 'pre', collected_at: iso(TRIGGERED_MS + 41_000), latency_p95: 9_000, left_out: LATE },
    { ...first, phase: 'post', collected_at: iso(FINISHED_MS + 130_000), cpu_usage: null, left_out: 'same moment' },
  ];
  return reportOf(deployment, NOW_MS, [...samples, ...more]);
}

function latencyPlot() {
  const report = withLeftOut();
  const metric = report.metrics.find((one) => one.metric === 'latency_p95');
  const frame = frameOf(report);
  if (metric === undefined || frame === null) throw new Error('nothing to draw');
  return { report, metric, frame };
}

describe('samples that were left out', () => {
  it('are marked, but are on no line, are no measure of the scale and no sample of the verdict', () => {
    const { report, metric, frame } = latencyPlot();
    const plot = plotOf(report, metric, frame, 'large');
    const { deployment, samples } = madeDeployment(WORSE);
    const plain = reportOf(deployment, NOW_MS, samples);
    const same = plotOf(plain, metric, frame, 'large');
    expect(plot.leftOut.map(({ text }) => text)).toEqual([
      expect.stringMatching(new RegExp(`^09:40 .+, left out: ${LATE}$`)),
      expect.stringMatching(/^09:43 \d+ ms, left out: same moment$/),
    ]);
    expect(plot.before).toEqual(same.before);
    expect(plot.after).toEqual(same.after);
    expect(plot.ticks).toEqual(same.ticks);
    for (const { y } of plot.leftOut) expect(y).toBeGreaterThanOrEqual(0);
  });

  it('are squares on the page and in the picture, with the reason; what holds no number has none', () => {
    const { report, metric, frame } = latencyPlot();
    const html = markupText(plotHtml(report, metric, frame, 'large'));
    expect(html.match(/class="lo"/g)).toHaveLength(2);
    expect(html).toContain(`left out: ${LATE}`);
    expect(html).toContain('15 samples before, 5 after, 2 left out.');
    const cpu = report.metrics.find((one) => one.metric === 'cpu_usage');
    if (cpu === undefined) throw new Error('no CPU');
    expect(markupText(plotHtml(report, cpu, frame, 'small')).match(/class="lo"/g)).toHaveLength(1);
    expect(svgOf(report).match(/M-2-2h4v4h-4z/g)?.length).toBeGreaterThan(5);
  });

  it('say so in the table', () => {
    const table = markupText(samplesTable(withLeftOut()));
    expect(table).toContain(`before, <span title="${LATE}">left out</span>`);
    expect(table).toContain('after, <span title="same moment">left out</span>');
    expect(table).toContain('16 before, 6 after');
  });

  it('hide no reading that is missing', () => {
    const { deployment, samples } = madeDeployment(WORSE, { after: 4 });
    // The fourth is there, though it does not count; the fifth is not.
    const marked = samples.map((sample, index) =>
      index === samples.length - 1 ? { ...sample, left_out: LATE } : sample,
    );
    const report = reportOf(deployment, NOW_MS, marked);
    const [metric] = report.metrics;
    const frame = frameOf(report);
    if (metric === undefined || frame === null) throw new Error('nothing to draw');
    const [missed, ...more] = plotOf(report, metric, frame, 'small').missed;
    expect(more).toEqual([]);
    expect(missed).toBeCloseTo(frame.x(FINISHED_MS + 240_000), 0);
  });
});

describe('which samples a verdict left out', () => {
  const numbers = { error_rate: 0.01, latency_p95: 100, requests_per_sec: 10, cpu_usage: 0.2, memory_usage: 0.3 };
  const sample = (phase: 'pre' | 'post', atMs: number, more: Partial<StoredSample> = {}): StoredSample => ({
    ...numbers,
    phase,
    collectedAtMs: atMs,
    lateSeconds: 0,
    fromBaseline: false,
    ...more,
  });
  const context = (baselineSource: AnalysisContext['baselineSource']) =>
    ({
      baselineSource,
      startedAt: new Date(TRIGGERED_MS),
      finishedAt: new Date(FINISHED_MS),
      windowEndsAt: new Date(FINISHED_MS + 300_000),
      preExpected: 5,
      postExpected: 5,
    }) as AnalysisContext;

  it('is told sample by sample: late before, of one moment after', () => {
    const late = sample('pre', TRIGGERED_MS - 10_000, { lateSeconds: 41 });
    const repeated = sample('post', FINISHED_MS + 10_000);
    const samples = [
      sample('pre', TRIGGERED_MS - 60_000),
      late,
      sample('post', FINISHED_MS),
      repeated,
      sample('post', FINISHED_MS + 60_000),
    ];
    const found = leftOutSamples(context('at_trigger'), samples);
    expect(found.size).toBe(2);
    expect(found.get(late)).toBe(LATE);
    expect(found.get(repeated)).toBe('read in the same moment as another');
  });

  it('counts those read at the trigger where the baseline kept ready stands for them', () => {
    const kept = Array.from({ length: 15 }, (_, i) =>
      sample('pre', TRIGGERED_MS - (15 - i) * 60_000, { fromBaseline: true }),
    );
    const read = sample('pre', TRIGGERED_MS + 1_000);
    const found = leftOutSamples(context('continuous'), [...kept, read, sample('post', FINISHED_MS)]);
    expect([...found.keys()]).toEqual([read]);
    expect(found.get(read)).toMatch(/^read at the trigger/);
  });

  it('of two readings of one moment takes the later', () => {
    const one = sample('post', FINISHED_MS);
    const other = sample('post', FINISHED_MS);
    expect([...leftOutSamples(context('at_trigger'), [one, other]).keys()][0]).toBe(other);
  });
});
