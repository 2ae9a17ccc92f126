import { HOUR_MS } from '../db/baselines/slots.ts';
import type { Tables } from '../db/database.ts';
import type { BaselineSource, LevelChange } from '../model/level.ts';
import type { BaselineMode } from '../model/project.ts';
import type { Span } from '../model/sample.ts';
import { hasRequests } from '../verdict/requests.ts';
import type { Sample } from '../verdict/types.ts';
import { evidenceOf, FULL_BASELINE } from './evidence.ts';
import { type Level, levelOf } from './level.ts';
import { readBrokenHistory, readHistory } from './read-history.ts';
import { silentTimes, without } from './silent-times.ts';

type Db = Pick<Tables, 'baselineSamples' | 'levelHistory' | 'samples'>;

export interface BaselineQuestion {
  readonly projectId: string;
  readonly env: string;
  readonly mode: BaselineMode;
  /** The active endpoint: readings of another are no baseline. */
  readonly endpoint: string;
  readonly series: number | null;
  /** What a source that holds the past told of the last hour, oldest first, in place of the ring; null: it holds none. */
  readonly past: readonly Sample[] | null;
  /** False spares the look at earlier deployments. */
  readonly hasHistory: boolean;
  readonly nowMs: number;
  /** How far back the ring reaches. */
  readonly keptHours: number;
}

export interface ChosenBaseline {
  readonly source: BaselineSource;
  /** What goes into the deployment's evidence; oldest first, 15 at the most. */
  readonly samples: readonly Sample[];
  /** One clause for people where it is not the usual baseline. */
  readonly note: string | null;
  /** The deployment with which the state began that it shows, by id; null: none is known. */
  readonly goodSince: string | null;
}

/** What is read at the trigger alone; nothing to tell. */
const AT_TRIGGER: ChosenBaseline = { source: 'at_trigger', samples: [], note: null, goodSince: null };
/** Readings nearer to each other are of the same minute. */
const SAME_MINUTE_MS = 60_000;
/** Where the newest 15 nearly always are: two partitions instead of twenty-five. */
const NEAR_MS = HOUR_MS;
/** Readings of a day. */
const MAX_READINGS = 24 * 60;
/** Deployments whose samples after are looked at: three windows of 5 make 15. */
const MAX_WINDOWS = 3;

/**
 * The baseline of a deployment that starts now. In a good state the newest 15 readings of good, quiet times, the samples
 * after deployments judged ok among them; in a bad one the last good baseline, and where there is none, what is read
 * at the trigger. Windows of deployments judged bad are in neither.
 */
export async function chooseBaseline(db: Db, question: BaselineQuestion): Promise<ChosenBaseline> {
  const { mode, series, past, hasHistory, nowMs, keptHours } = question;
  // Asking for the past is reading at the trigger.
  const readsAtTrigger = mode === 'at_trigger' && past === null;
  if (!hasHistory && past === null && (readsAtTrigger || series === null)) return AT_TRIGGER;
  const sinceMs = nowMs - keptHours * HOUR_MS;
  const history = hasHistory ? await readHistory(db, question.projectId, question.env, sinceMs) : [];
  const level = levelOf(history, sinceMs, nowMs);
  if (level.brokenBy !== null) return await inBadState(db, question, await readBrokenHistory(db, question, history));
  if (readsAtTrigger) return AT_TRIGGER;
  const samples = await newestGood(db, question, history, level);
  return samples.length === 0
    ? AT_TRIGGER
    : { source: 'continuous', samples, note: null, goodSince: level.goodSince?.deploymentId ?? null };
}

async function inBadState(
  db: Db,
  question: BaselineQuestion,
  history: readonly LevelChange[],
): Promise<ChosenBaseline> {
  const level = levelOf(history, question.nowMs - question.keptHours * HOUR_MS, question.nowMs);
  const since = `this environment is in a bad state since ${nameOf(level.brokenBy)}`;
  if (question.mode === 'at_trigger') {
    return { ...AT_TRIGGER, note: `${since}: compared with what is read at the trigger, as this project is set to` };
  }
  const evidence = await evidenceBefore(db, question, history, level.brokenBy);
  const samples = evidence.length > 0 ? evidence : await newestGood(db, question, history, level);
  const newest = samples.at(-1);
  if (newest === undefined) {
    return { ...AT_TRIGGER, note: `${since} and no good baseline is left: compared with what is read at the trigger` };
  }
  const until = new Date(newest.collectedAtMs).toISOString();
  const count = samples.length === 1 ? '1 sample' : `${samples.length} samples`;
  return {
    source: 'last_good',
    samples,
    note: `${since}: compared with the last good baseline, ${count} until ${until}`,
    goodSince: goodBefore(history, level.brokenBy),
  };
}

/** With which deployment the good state began that `brokenBy` ended. */
function goodBefore(history: readonly LevelChange[], brokenBy: LevelChange | null): string | null {
  if (brokenBy === null) return null;
  const before = history.slice(0, history.indexOf(brokenBy));
  return levelOf(before, 0, brokenBy.startedAtMs).goodSince?.deploymentId ?? null;
}

function nameOf(change: LevelChange | null): string {
  return change === null ? 'an earlier deployment' : `deployment ${change.number}`;
}

/**
 * What the deployment that broke the level was itself judged by: stored with it, so also there when the ring has long
 * gone on. Empty where that is no good baseline: of another endpoint, of a bad state, or of a level that somebody has
 * since replaced by another.
 */
async function evidenceBefore(
  db: Db,
  question: BaselineQuestion,
  history: readonly LevelChange[],
  brokenBy: LevelChange | null,
): Promise<Sample[]> {
  if (brokenBy === null || brokenBy.metricsEndpoint !== question.endpoint || brokenBy.withoutGoodBaseline) return [];
  const before = history.slice(0, history.indexOf(brokenBy)).filter((change) => change.judgement !== 'unknown');
  if (brokenBy.baselineSource === 'last_good' && before.at(-1)?.judgement === 'accepted') return [];
  const stored = await db.samples.listOf(brokenBy.deploymentId);
  const { pre } = evidenceOf(stored, {
    baselineSource: brokenBy.baselineSource,
    startedAt: new Date(brokenBy.startedAtMs),
    preExpected: 0,
  });
  return pre.slice(-FULL_BASELINE);
}

/** The newest 15 samples of good times, from the ring and from after deployments judged ok; oldest first. */
async function newestGood(
  db: Db,
  question: BaselineQuestion,
  history: readonly LevelChange[],
  level: Level,
): Promise<Sample[]> {
  const sinceMs = level.acceptedSinceMs ?? Number.NEGATIVE_INFINITY;
  const spans = clip(level.goodSpans, sinceMs, question.nowMs);
  const ring = await newestServing(db, question, history, spans);
  const reachesMs = ring.length < FULL_BASELINE ? sinceMs : Math.max(sinceMs, ring[0]?.collectedAtMs ?? sinceMs);
  const windows = history.filter(
    (change) =>
      (change.judgement === 'good' || change.judgement === 'accepted') &&
      change.metricsEndpoint === question.endpoint &&
      (change.endedAtMs ?? 0) > reachesMs,
  );
  const after: Sample[] = [];
  for (const change of windows.slice(-MAX_WINDOWS)) {
    const stored = await db.samples.listOf(change.deploymentId);
    after.push(...stored.filter((sample) => sample.phase === 'post' && sample.collectedAtMs >= sinceMs));
  }
  return [...ring, ...after].sort((a, b) => a.collectedAtMs - b.collectedAtMs).slice(-FULL_BASELINE);
}

/** The newest of the ring, but for silence that began with a deployment of which nothing is known. */
async function newestServing(
  db: Db,
  question: BaselineQuestion,
  history: readonly LevelChange[],
  spans: readonly Span[],
): Promise<Sample[]> {
  const newest = await newestOfRing(db, question, spans, FULL_BASELINE);
  const sinceMs = history.find(({ judgement }) => judgement === 'unknown')?.endedAtMs ?? Number.POSITIVE_INFINITY;
  if (!newest.some((reading) => reading.collectedAtMs >= sinceMs && !hasRequests(reading))) return newest;
  const since = await newestOfRing(db, question, clip(spans, sinceMs, question.nowMs), MAX_READINGS);
  const silent = silentTimes(history, since, question.nowMs);
  return await newestOfRing(db, question, without(spans, silent), FULL_BASELINE);
}

async function newestOfRing(
  db: Db,
  { mode, series, past, nowMs }: BaselineQuestion,
  spans: readonly Span[],
  limit: number,
): Promise<Sample[]> {
  if (past !== null) {
    const isIn = ({ collectedAtMs: at }: Sample) => spans.some(({ fromMs, toMs }) => fromMs <= at && at < toMs);
    const told = past.filter(isIn).slice(-limit);
    if (told.length >= limit || series === null || mode === 'at_trigger') return told;
    // What was pushed is told for an hour; the ring goes on from there.
    const untilMs = past[0]?.collectedAtMs ?? nowMs;
    const earlier = clip(spans, Number.NEGATIVE_INFINITY, untilMs - SAME_MINUTE_MS);
    return [...(await db.baselineSamples.newestOf(series, earlier, limit - told.length)), ...told];
  }
  if (series === null) return [];
  const near = await db.baselineSamples.newestOf(series, clip(spans, nowMs - NEAR_MS, nowMs), limit);
  const reachesFurther = (spans[0]?.fromMs ?? nowMs) < nowMs - NEAR_MS;
  if (near.length >= limit || !reachesFurther) return near;
  return await db.baselineSamples.newestOf(series, spans, limit);
}

function clip(spans: readonly Span[], fromMs: number, toMs: number): Span[] {
  return spans
    .map((span) => ({ fromMs: Math.max(fromMs, span.fromMs), toMs: Math.min(toMs, span.toMs) }))
    .filter((span) => span.fromMs < span.toMs);
}
