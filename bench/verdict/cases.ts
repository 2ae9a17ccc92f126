import { readFileSync } from 'node:fs';
import { type JudgeInput, METRICS, type MetricName, type Sample } from '../../src/verdict/types.ts';

/** Cases carry no timestamps: their native spacing counts as one sample a minute. */
const SPACING_MS = 60_000;

export type Columns = Readonly<Record<MetricName, readonly number[]>>;

/** What is known of a case besides its numbers; all that a rule must not see. */
export interface Label {
  readonly regressed: boolean;
  readonly group: string;
  /** real, clear, subtle or weak; null for healthy cases. */
  readonly tier: string | null;
  /** Which series and place it was cut from, `dataset:series@place`. */
  readonly source: string;
  readonly injection: string | null;
  readonly affected: readonly MetricName[];
  readonly lowTraffic: boolean;
}

export interface Case {
  readonly id: string;
  readonly before: Columns;
  readonly after: Columns;
  readonly label: Label | null;
}

function columnsOf(value: unknown, where: string): Columns {
  const columns = value as Record<string, unknown> | null;
  const read = {} as Record<MetricName, readonly number[]>;
  for (const metric of METRICS) {
    const list = columns?.[metric];
    if (!Array.isArray(list)) throw new Error(`${where}: ${metric} is not a list`);
    read[metric] = list as number[];
  }
  return read;
}

function labelOf(row: Record<string, unknown>): Label | null {
  if (row.label !== 'healthy' && row.label !== 'regressed') return null;
  const injection = row.injection as { kind?: string } | null | undefined;
  return {
    regressed: row.label === 'regressed',
    group: String(row.group),
    tier: row.tier === null || row.tier === undefined ? null : String(row.tier),
    source: String(row.source),
    injection: injection?.kind ?? null,
    affected: (row.metrics_affected as MetricName[] | undefined) ?? [],
    lowTraffic: row.low_traffic === true,
  };
}

/** One case a line. Without labels only `id`, `pre` and `post` are needed. Throws with the line's number on a bad one. */
export function readCases(path: string): Case[] {
  const cases: Case[] = [];
  for (const [index, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    if (line.trim() === '') continue;
    const where = `${path}:${index + 1}`;
    let row: Record<string, unknown>;
    try {
      row = JSON.parse(line) as Record<string, unknown>;
    } catch (cause) {
      throw new Error(`${where}: not JSON`, { cause });
    }
    cases.push({
      id: String(row.id),
      before: columnsOf(row.pre, where),
      after: columnsOf(row.post, where),
      label: labelOf(row),
    });
  }
  return cases;
}

function samplesOf(columns: Columns, startMs: number): Sample[] {
  return columns.requests_per_sec.map((requests_per_sec, i) => ({
    collectedAtMs: startMs + i * SPACING_MS,
    lateSeconds: 0,
    requests_per_sec,
    latency_p95: columns.latency_p95[i] ?? Number.NaN,
    error_rate: columns.error_rate[i] ?? Number.NaN,
    cpu_usage: columns.cpu_usage[i] ?? Number.NaN,
    memory_usage: columns.memory_usage[i] ?? Number.NaN,
  }));
}

/** The case as the service would hand it to the engine: everything came, in time, one sample a minute. */
export function inputOf(testCase: Case): JudgeInput {
  const countBefore = testCase.before.requests_per_sec.length;
  const pre = samplesOf(testCase.before, 0);
  const post = samplesOf(testCase.after, countBefore * SPACING_MS);
  return { pre, post, expectedPre: pre.length, expectedPost: post.length, collectionEnded: null };
}

/** The series a case was cut from: variants of one fault share it, so folds and resamples keep it together. */
export function seriesOf(label: Label): string {
  return label.source.split('@')[0] ?? label.source;
}

/** nezha, petshop, mscloud or nab. */
export function dataSetOf(label: Label): string {
  return label.source.split(':')[0] ?? label.source;
}

/** What the headline figures are made on: all healthy cases, and faults that are real or clear. */
export function isHeadline(label: Label): boolean {
  return !label.regressed || label.tier === 'real' || label.tier === 'clear';
}

const GRAVE_INJECTIONS = new Set(['err:0.05', 'err:0.2', 'rps:0.2', 'rps:0']);

/** Cases that should end in a rollback: errors ≥ +5 points, real error faults, traffic to a fifth or less. */
export function isGrave(label: Label): boolean {
  if (label.injection !== null) return GRAVE_INJECTIONS.has(label.injection);
  return label.group === 'real_fault' && label.affected.length === 1 && label.affected[0] === 'error_rate';
}
