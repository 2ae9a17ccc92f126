import type { PrometheusSettings } from '../../model/source.ts';
import { METRICS, type MetricName } from '../../verdict/types.ts';
import { type FailedReading, failed } from '../http/failure-reason.ts';
import type { Examination } from '../source.ts';
import { answerCounts } from './answer-counts.ts';
import { askCustom, MAX_SERIES } from './custom.ts';
import { examineControl, examineVersions } from './examine-apart.ts';
import { examinedCustom } from './examine-custom.ts';
import { explainNoSeries } from './explain.ts';
import { findPreset, findWindow } from './find.ts';
import { manySeries } from './points.ts';
import { PRESETS, type Queries } from './presets.ts';
import { queriesOf } from './queries.ts';
import { askAll, edgesMsOf, isFailure } from './read.ts';
import { type Answers, sampleAt } from './sample.ts';
import { isFailed, type Session } from './session.ts';

export interface PrometheusExamination extends Examination {
  /** With what was found: preset and window. */
  readonly settings: PrometheusSettings;
}

/** Minutes that a test looks back. */
const LOOK_BACK_MINUTES = 15;
const MINUTE_MS = 60_000;

/** Reads a source as it would be read, and says of each number what came and why not. `endMs`: the newest minute's end. */
export async function examine(
  session: Session,
  given: PrometheusSettings,
  endMs: number,
): Promise<PrometheusExamination | FailedReading> {
  // Before all else: is there a Prometheus, and does it let us in?
  const hello = await session.instant('vector(1)', endMs);
  if (isFailed(hello)) return hello;
  if (hello.outcome === 'refused') return failed('bad_body', hello.reason, null);

  const isAsked = given.preset !== null || needsPreset(given);
  const met = isAsked ? await findPreset(session, given, endMs) : null;
  const { nativeHistograms: _, ...classic } = given;
  const withPreset: PrometheusSettings = {
    ...classic,
    preset: met?.preset ?? given.preset,
    ...(met?.isNative ? { nativeHistograms: true } : {}),
  };
  const found = await findWindow(session, withPreset, endMs);
  const settings = { ...withPreset, windowSeconds: given.windowSeconds ?? found.windowSeconds };
  const queries = queriesOf(settings);
  const fromMs = endMs - (LOOK_BACK_MINUTES - 1) * MINUTE_MS;
  const answers = await askAll(queries, async (query, name) =>
    name === 'buckets'
      ? await session.instant(query, endMs)
      : await session.range(query, { fromMs, toMs: endMs, stepSeconds: MINUTE_MS / 1_000 }),
  );
  if (isFailure(answers)) return answers;
  const custom = await askCustom(
    settings,
    session.leftMs(),
    async (query) =>
      await session.range(query, { fromMs, toMs: endMs, stepSeconds: MINUTE_MS / 1_000 }, { maxSeries: MAX_SERIES }),
  );
  const noSeries =
    needsPreset(given) && isEmpty(answers.requests_per_sec) ? await explainNoSeries(session, settings, endMs) : null;
  const sample = sampleAt({
    answers,
    atMs: endMs,
    edgesMs: edgesMsOf(settings, answers),
    windowSeconds: settings.windowSeconds,
  });
  const reading = sample.ok ? sample.reading : null;
  const numbers = METRICS.map((metric) => {
    const value = reading?.numbers[metric] ?? null;
    const counted = answerCounts(answers[metric]);
    const isIdle = reading?.missing[metric] === 'no_requests';
    const problem = value !== null || isIdle ? null : explain(metric, { settings, answers, noSeries, endMs });
    return { metric, query: queries[metric] ?? null, value, ...counted, problem };
  });
  return {
    outcome: 'examined',
    settings,
    scrapeIntervalSeconds: found.scrapeIntervalSeconds,
    numbers,
    latencyMean: reading?.facts?.latencyMean ?? null,
    latencyBucket: reading?.facts?.latencyBucket ?? null,
    cpuCores: reading?.facts?.cpuCores ?? null,
    versions: await examineVersions(session, settings, endMs),
    control: await examineControl(session, settings, endMs),
    custom: examinedCustom(custom, endMs, reading?.numbers.requests_per_sec ?? null),
    success: (['requests_per_sec', 'latency_p95', 'error_rate'] as const).some(
      (name) => (reading?.numbers[name] ?? null) !== null,
    ),
  };
}

/** Whether some number of the application's requests has no query of its own. */
function needsPreset({ queries }: PrometheusSettings): boolean {
  return (
    queries.requests_per_sec === undefined || queries.latency_p95 === undefined || queries.error_rate === undefined
  );
}

function isEmpty(answer: Answers[keyof Queries]): boolean {
  return answer === undefined || (answer.outcome === 'ok' && answer.series.length === 0);
}

/** What stands in the way of one number. */
function explain(
  metric: MetricName,
  {
    settings,
    answers,
    noSeries,
    endMs,
  }: { settings: PrometheusSettings; answers: Answers; noSeries: string | null; endMs: number },
): string {
  const answer = answers[metric];
  if (answer === undefined) {
    return metric === 'cpu_usage' || metric === 'memory_usage'
      ? `no limit is known to hold it against: set containers to matchers of cadvisor's series, or queries.${metric}`
      : (noSeries ?? `has no query: set a preset, or queries.${metric}`);
  }
  if (answer.outcome !== 'ok') return `the query was refused: ${answer.reason}`;
  if (answer.series.length > 1) return `the query ${manySeries(answer.series.length)}`;
  const value = answer.series[0]?.points.find(([atMs]) => atMs === endMs)?.[1];
  if (value !== undefined && Number.isFinite(value)) return `is ${value}, outside of what it can be: give a share of 1`;
  if (value !== undefined) return `is ${value}: the query divides by zero, or its histogram has no observation`;
  const hasQueryOfItsOwn = settings.queries[metric] !== undefined;
  if (answer.series.length > 0) return 'has no data in the newest minute';
  if (hasQueryOfItsOwn) return 'the query meets no series in the last 15 minutes';
  if (metric === 'cpu_usage' || metric === 'memory_usage') {
    return `the query meets no series: set containers to matchers of cadvisor's series, or queries.${metric}`;
  }
  if (noSeries !== null) return noSeries;
  const name = settings.preset === null ? 'the histogram' : PRESETS[settings.preset].metric.replace(/\{(?!_).*$/, '');
  if (metric === 'latency_p95') {
    return 'the application exports no histogram of latency (no series …_bucket): switch it on, or set queries.latency_p95';
  }
  if (metric === 'error_rate') {
    return `${name} carries none of the labels that tell failures apart: set queries.error_rate`;
  }
  return 'rate() is empty: are there two scrapes in the window? Set window_seconds';
}
