import { BAD_DIRECTIONS, CUSTOM_KINDS } from '../../verdict/custom/custom-metric.ts';
import type { BesideOthers } from '../../verdict/others/beside-others.ts';
import {
  CUSTOM,
  type Evidence,
  type Finding,
  HINT_KINDS,
  type Hint,
  type LeftOut,
  METRICS,
  type Trust,
} from '../../verdict/types.ts';

/**
 * What verdicts look like in the database, as it was over time, and how each is read. A stored verdict never changes, so
 * what is missing stays unknown: it reads as null, never as a zero that was not measured, and one odd row ends no list.
 *
 * 1. `{metric, baseline, observed, unit, severity, reason}`, before there was evidence;
 * 2. and `evidence`, without `samplesWithoutRequests`;
 * 3. and `samplesWithoutRequests`; `left_out` beside it;
 * 4. and `trust`, `samplesMissing`, `expected`, `alternative`;
 * 5. and `hints` beside it;
 * 6. and findings with `metric: "custom"`, each with `custom`;
 * 7. and `others` beside it.
 */
export function toFindings(stored: unknown): Finding[] {
  return objectsOf(stored)
    .filter((finding) => typeof finding.metric === 'string')
    .map((finding) => ({
      metric: finding.metric as Finding['metric'],
      ...toCustom(finding.custom),
      baseline: numberOf(finding.baseline),
      observed: numberOf(finding.observed),
      unit: textOf(finding.unit),
      severity: (finding.severity ?? 'none') as Finding['severity'],
      reason: textOf(finding.reason),
      evidence: toEvidence(finding.evidence),
    }));
}

function toCustom(stored: unknown): Pick<Finding, 'custom'> {
  if (!isObject(stored) || typeof stored.name !== 'string') return {};
  const kind = CUSTOM_KINDS.find((known) => known === stored.kind) ?? 'level';
  const worse = BAD_DIRECTIONS.find((known) => known === stored.worse);
  return { custom: { name: stored.name, kind, worse: worse === 'down' ? 'down' : 'up' } };
}

export function toLeftOut(stored: unknown): LeftOut[] {
  return objectsOf(stored)
    .filter(({ phase, reason }) => typeof phase === 'string' && typeof reason === 'string')
    .map((one) => ({ ...(one as unknown as LeftOut), count: numberOf(one.count) ?? 0, text: textOf(one.text) }));
}

export function toTrust(stored: unknown): Trust | null {
  const trust = stored as Trust | null;
  return isObject(stored) && typeof stored.rightShare === 'number' && typeof stored.text === 'string' ? trust : null;
}

/** null: it was not looked at beside others, or before that was done. */
export function toOthers(stored: unknown): BesideOthers | null {
  const others = stored as BesideOthers | null;
  const isWhole = isObject(stored) && numberOf(stored.lookedAt) !== null && Array.isArray(stored.suspects);
  return isWhole && objectsOf(stored.worse).every(({ movement }) => isObject(movement)) ? others : null;
}

export function toHints(stored: unknown): Hint[] {
  return objectsOf(stored).flatMap((hint) => {
    const kind = HINT_KINDS.find((known) => known === hint.kind);
    if (kind === undefined) return [];
    const named = Array.isArray(hint.metrics) ? hint.metrics : [];
    return {
      kind,
      text: textOf(hint.text),
      metrics: ([...METRICS, CUSTOM] as const).filter((metric) => named.includes(metric)),
      sinceMs: numberOf(hint.sinceMs),
      traceId: typeof hint.traceId === 'string' ? hint.traceId : null,
    };
  });
}

const NOT_KEPT: Evidence = {
  rule: null,
  change: null,
  interval: null,
  limit: null,
  threshold: null,
  samplesBeyond: null,
  strength: null,
  samplesBefore: 0,
  samplesAfter: 0,
  samplesWithoutRequests: 0,
  notJudged: 'its evidence was not kept',
};

function toEvidence(stored: unknown): Evidence {
  if (!isObject(stored)) return NOT_KEPT;
  const { interval } = stored;
  const isInterval = isObject(interval) && numberOf(interval.low) !== null && numberOf(interval.high) !== null;
  return { ...NOT_KEPT, notJudged: null, ...stored, interval: isInterval ? (interval as Evidence['interval']) : null };
}

function objectsOf(stored: unknown): Record<string, unknown>[] {
  return Array.isArray(stored) ? stored.filter(isObject) : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
