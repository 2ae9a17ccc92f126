import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { calibrationError, confidenceWith, fitCurves, reliability } from '../../bench/verdict/calibration.ts';
import { isGrave, isHeadline, type Label, readCases } from '../../bench/verdict/cases.ts';
import { foldsBySeries } from '../../bench/verdict/folds.ts';
import { fixedLimits } from '../../bench/verdict/peers/fixed-limits.ts';
import { mannWhitney } from '../../bench/verdict/peers/mann-whitney.ts';
import { simpleRule } from '../../bench/verdict/peers/simple-rule.ts';
import { seeded } from '../../bench/verdict/random.ts';
import { type Graded, intervalsOf, scoresOf } from '../../bench/verdict/scores.ts';
import { METRICS, type MetricName, type VerdictName } from '../../src/verdict/types.ts';
import { QUIET } from '../verdict/samples.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'bench-verdict-'));
afterAll(() => rmSync(folder, { recursive: true }));

const label = (more: Partial<Label> = {}): Label => ({
  regressed: false,
  group: 'healthy',
  tier: null,
  source: 'nezha:shop@1',
  injection: null,
  affected: [],
  lowTraffic: false,
  ...more,
});

const one = (more: Partial<Label>, verdict: VerdictName, metrics: readonly MetricName[] = []): Graded => ({
  label: label(more),
  prediction: { verdict, metrics, confidence: null },
});

const columns = (count: number, more: Partial<Record<MetricName, number>> = {}) =>
  Object.fromEntries(
    METRICS.map((metric) => [metric, Array.from({ length: count }, () => more[metric] ?? QUIET[metric])]),
  ) as Record<MetricName, number[]>;

test('scores count alarms on the headline cases alone', () => {
  const latency = { regressed: true, group: 'injected', tier: 'clear', affected: ['latency_p95' as const] };
  const scores = scoresOf([
    one({}, 'ok'),
    one({}, 'attention', ['cpu_usage']),
    one({}, 'rollback_recommended', ['cpu_usage']),
    one({}, 'insufficient_data'),
    one(latency, 'attention', ['latency_p95']),
    one(latency, 'attention', ['cpu_usage']),
    one(latency, 'ok'),
    one({ ...latency, tier: 'subtle' }, 'ok'),
  ]);
  expect(scores.falseAlarms).toBe(2 / 4);
  expect(scores.falseRollback).toBe(1 / 4);
  expect(scores.recall).toBe(2 / 3);
  expect(scores.precision).toBe(2 / 4);
  expect(scores.f1).toBeCloseTo(4 / 7, 12);
  expect(scores.metricNamed).toBe(1 / 2);
  expect(scores.precisionAtTenPercent).toBeCloseTo(0.0667 / (0.0667 + 0.45), 3);
});

test('grave cases are errors of 5 points, traffic to a fifth, and real faults of errors alone', () => {
  expect(isGrave(label({ injection: 'err:0.05' }))).toBe(true);
  expect(isGrave(label({ injection: 'err:0.02' }))).toBe(false);
  expect(isGrave(label({ injection: 'err_late:0.05' }))).toBe(false);
  expect(isGrave(label({ group: 'real_fault', affected: ['error_rate'] }))).toBe(true);
  expect(isGrave(label({ group: 'real_fault', affected: ['error_rate', 'requests_per_sec'] }))).toBe(false);
});

test('weak and subtle faults are not among the headline cases', () => {
  expect(['real', 'clear', 'subtle', 'weak'].map((tier) => isHeadline(label({ regressed: true, tier })))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('intervals hold the score and are the same for the same seed', () => {
  const cases = Array.from({ length: 40 }, (_, i) =>
    one({ source: `nezha:s${i % 8}@${i}` }, i % 10 === 0 ? 'attention' : 'ok'),
  );
  const { falseAlarms } = intervalsOf(cases, 200, 7);
  expect(falseAlarms[0]).toBeLessThanOrEqual(0.1);
  expect(falseAlarms[1]).toBeGreaterThanOrEqual(0.1);
  expect(intervalsOf(cases, 200, 7).falseAlarms).toEqual(falseAlarms);
});

test('folds keep a series together and come out about equal', () => {
  const labels = Array.from({ length: 300 }, (_, i) => label({ source: `nezha:s${i % 60}@${i}` }));
  const folds = foldsBySeries(labels, 10, 3);
  for (const [i, fold] of folds.entries()) expect(fold).toBe(folds[i % 60]);
  const sizes = Array.from({ length: 10 }, (_, fold) => folds.filter((f) => f === fold).length);
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(5);
});

test('fitted curves give back the share that was right', () => {
  const random = seeded(1);
  const outcomes = Array.from({ length: 2000 }, (_, i) => {
    const strength = 1 + (i % 100) / 20;
    const grounds = { strength, independentBefore: 5, unjudged: 0, hasAlternative: false };
    return { ...grounds, right: random() < 1 / (1 + Math.exp(-(0.5 + Math.log(strength)))) };
  });
  const curves = fitCurves([outcomes]);
  const rows = reliability(outcomes.map((o) => ({ confidence: confidenceWith(o, curves), right: o.right })));
  expect(calibrationError(rows)).toBeLessThan(0.05);
});

test('a small family says as much of a confidence as a large one', () => {
  const family = (count: number, rightShare: number) =>
    Array.from({ length: count }, (_, i) => ({
      strength: 2,
      independentBefore: 1e6,
      unjudged: 0,
      hasAlternative: false,
      right: i < count * rightShare,
    }));
  const [large, small] = [family(1_000, 1), family(10, 0.5)];
  const confidence = (families: Parameters<typeof fitCurves>[0]) =>
    confidenceWith(family(1, 1)[0] ?? expect.fail(), fitCurves(families));
  expect(confidence([large, small, []])).toBeCloseTo(0.75, 2);
  expect(confidence([[...large, ...small]])).toBeGreaterThan(0.98);
});

test('the peers see a plain regression and a quiet deployment as they should', () => {
  const quiet = columns(10, { latency_p95: 100 });
  const slow = columns(10, { latency_p95: 900 });
  for (const peer of [fixedLimits, simpleRule]) {
    expect(peer(quiet, slow)).toMatchObject({ verdict: 'attention', metrics: ['latency_p95'] });
    expect(peer(quiet, quiet).verdict).toBe('ok');
  }
  const rising = (from: number) => ({ ...quiet, latency_p95: Array.from({ length: 10 }, (_, i) => from + i) });
  expect(mannWhitney(rising(100), rising(900))).toMatchObject({ verdict: 'attention', metrics: ['latency_p95'] });
  expect(mannWhitney(rising(100), rising(100)).verdict).toBe('ok');
  expect(mannWhitney(quiet, quiet).verdict).toBe('ok');
});

test('a bad line of the case file is named', () => {
  const file = path.join(folder, 'bad.jsonl');
  writeFileSync(file, '{"id":"a"}\n');
  expect(() => readCases(file)).toThrow(`${file}:1: error_rate is not a list`);
});

test('the benchmark takes cases without labels and writes one exact line for each', () => {
  const file = path.join(folder, 'cases.jsonl');
  const out = path.join(folder, 'out.jsonl');
  const rows = [
    { id: 'a', n_pre: 10, n_post: 5, pre: columns(10), post: columns(5, { latency_p95: 900 }) },
    { id: 'b', n_pre: 10, n_post: 5, pre: columns(10), post: columns(5) },
    { id: 'c', n_pre: 10, n_post: 2, pre: columns(10), post: columns(2) },
  ];
  writeFileSync(file, rows.map((row) => JSON.stringify(row)).join('\n'));
  const run = path.join(import.meta.dirname, '../../bench/verdict/run.ts');
  const printed = execFileSync(process.execPath, [run, '--cases', file, '--predictions', out], { encoding: 'utf8' });
  expect(printed).toContain('ok 1 · attention 0 · rollback_recommended 1 · insufficient_data 1');
  const lines = readFileSync(out, 'utf8').split('\n');
  expect(lines[0]).toMatch(
    /^\{"id":"a","verdict":"rollback_recommended","metrics":\["latency_p95"\],"confidence":0\.\d+\}$/,
  );
  expect(lines[1]).toMatch(/^\{"id":"b","verdict":"ok","metrics":\[\],"confidence":0\.\d+\}$/);
  expect(lines[2]).toBe('{"id":"c","verdict":"insufficient_data","metrics":[],"confidence":0}');
  expect(lines).toHaveLength(4);
});
