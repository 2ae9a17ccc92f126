import { randomUUID } from 'node:crypto';
import { evidenceOf } from '../src/baseline/evidence.ts';
import { STORED_SHAPES } from '../src/db/stored-shapes.ts';
import type { StoredSample } from '../src/model/sample.ts';
import { hintsOf } from '../src/verdict/hints.ts';
import { judge } from '../src/verdict/judge.ts';
import { besideOthers, type Others } from '../src/verdict/others/beside-others.ts';
import { METRICS, type MetricName, type Sample } from '../src/verdict/types.ts';

/** Whatever runs a statement: a pool, a client. */
export interface Runs {
  query(text: string, values?: unknown[]): Promise<unknown>;
}

/** Level before and after, per metric. */
export type MadeLevels = Readonly<Record<MetricName, readonly [before: number, after: number]>>;

export const CALM: MadeLevels = {
  error_rate: [0.004, 0.004],
  latency_p95: [182, 182],
  requests_per_sec: [42.4, 43.1],
  cpu_usage: [0.314, 0.32],
  memory_usage: [0.52, 0.518],
};

/** All five got worse, grossly. */
export const RUINED: MadeLevels = {
  error_rate: [0.004, 0.3],
  latency_p95: [180, 900],
  requests_per_sec: [40, 4],
  cpu_usage: [0.3, 0.95],
  memory_usage: [0.4, 0.9],
};

export interface MadeDeployment {
  readonly projectId: string;
  readonly env: string;
  readonly number: number;
  readonly startedAtMs: number;
  readonly levels?: MadeLevels;
  readonly rolloutSeconds?: number;
  readonly windowMinutes?: number;
  /** Samples after that came; as many as minutes by default. */
  readonly after?: number;
  readonly state?: 'running' | 'finished' | 'analyzed' | 'abandoned';
  /** What was read; one that there is not by default, whose readings are nobody else's baseline. */
  readonly endpoint?: string;
  readonly branch?: string | null;
  readonly version?: string | null;
  readonly commit?: string | null;
  readonly actor?: string | null;
  readonly buildUrl?: string | null;
  readonly pipeline?: 'success' | 'failed' | 'cancelled';
  readonly supersededBy?: string | null;
  readonly baselineNote?: string | null;
  readonly goodSince?: string | null;
  /** How the baseline ends before the trigger, minutes. */
  readonly baselineAgeMinutes?: number;
  readonly failure?: string;
  /** Five more were read at the trigger, and the fourth after so late that it shows the fifth's moment. */
  readonly hasLeftOut?: boolean;
  readonly feedback?: { readonly correct: boolean; readonly note: string | null };
  /** What the environment's other projects did in its minutes. */
  readonly others?: (finishedMs: number) => Others;
}

const MINUTE_MS = 60_000;

/** In [0, 1), the same for the same deployment, metric and sample. */
function chance(...parts: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const part of parts) {
    state = Math.imul(state ^ (part + 0x7f4a7c15), 0x85ebca6b);
    state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
    state ^= state >>> 16;
  }
  return (state >>> 0) / 2 ** 32;
}

const NOISE: Record<MetricName, number> = {
  error_rate: 0.22,
  latency_p95: 0.06,
  requests_per_sec: 0.08,
  cpu_usage: 0.07,
  memory_usage: 0.015,
};

function samplesOf(levels: MadeLevels, side: 0 | 1, number: number, timesMs: readonly number[]): Sample[] {
  return timesMs.map((collectedAtMs, index) => {
    const numbers = METRICS.map((metric, place) => {
      const wobble = chance(number, place, index, side) + chance(number, place + 7, index, side) - 1;
      const value = levels[metric][side] * (1 + 2 * NOISE[metric] * wobble);
      const isShare = metric !== 'latency_p95' && metric !== 'requests_per_sec';
      return [metric, isShare ? Math.min(1, value) : value];
    });
    return { collectedAtMs, lateSeconds: 0, ...(Object.fromEntries(numbers) as Record<MetricName, number>) };
  });
}

/**
 * A deployment with its samples, judged as the service judges, written straight into the tables: what pages show after
 * weeks of use. Returns its id.
 */
export async function makeDeployment(connection: Runs, made: MadeDeployment): Promise<string> {
  const { projectId, env, number, startedAtMs, levels = CALM, windowMinutes = 5, state = 'analyzed' } = made;
  const id = randomUUID();
  const finishedMs = startedAtMs + (made.rolloutSeconds ?? 95) * 1000;
  const untilMs = finishedMs + windowMinutes * MINUTE_MS;
  const baselineEndMs = startedAtMs - (made.baselineAgeMinutes ?? 0) * MINUTE_MS - 30_000;
  const pre = samplesOf(
    levels,
    0,
    number,
    times(15, (i) => baselineEndMs - (14 - i) * MINUTE_MS),
  );
  const count = state === 'analyzed' || state === 'finished' ? (made.after ?? windowMinutes) : 0;
  const post = samplesOf(
    levels,
    1,
    number,
    times(count, (i) => finishedMs + i * MINUTE_MS + (made.hasLeftOut === true && i === 3 ? 50_000 : 0)),
  );
  const read = samplesOf(
    levels,
    0,
    number + 1,
    times(made.hasLeftOut === true ? 5 : 0, (i) => startedAtMs + i * 5_000),
  );
  const hasFinished = state === 'analyzed' || state === 'finished';
  const at = (ms: number | null) => (ms === null ? null : new Date(ms));
  const outcome = made.pipeline ?? 'success';
  await connection.query(
    `insert into seqpulse.deployments (id, project_id, env, number, branch, version, commit_sha, actor, build_url, state,
       pipeline_result, pipeline_outcome, metrics_endpoint, started_at, finish_deadline_at, finished_at, window_ends_at,
       analyzed_at, superseded_by, pre_expected, post_expected, post_settled, baseline_source, baseline_note,
       baseline_good_since)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $23, $13, $14, $15, $16,
       $17, $18, 0, $19, coalesce($19::integer, 0), $20, $21, $22)`,
    [
      id,
      projectId,
      env,
      number,
      made.branch === undefined ? 'main' : made.branch,
      made.version === undefined ? `2.${40 + Math.floor(number / 3)}.${number % 3}` : made.version,
      made.commit === undefined ? hex(number) : made.commit,
      made.actor === undefined ? 'ci-deploy' : made.actor,
      made.buildUrl === undefined ? `https://ci.example.com/build/${48_000 + number}` : made.buildUrl,
      state,
      hasFinished ? (outcome === 'success' ? 'success' : 'failed') : null,
      hasFinished ? outcome : null,
      at(startedAtMs),
      at(startedAtMs + 120 * MINUTE_MS),
      at(hasFinished ? finishedMs : null),
      at(hasFinished ? untilMs : null),
      at(state === 'analyzed' ? untilMs + 1_400 : null),
      made.supersededBy ?? null,
      hasFinished ? windowMinutes : null,
      made.baselineNote == null ? 'continuous' : 'last_good',
      made.baselineNote ?? null,
      made.goodSince ?? null,
      made.endpoint ?? 'https://app.example.com/metrics',
    ],
  );
  await connection.query(
    `insert into seqpulse.deployment_baselines (deployment_id, project_id, newest_at, collected_at, facts, ${METRICS.join(', ')})
     values ($1, $2, $3, $4, $5, ${METRICS.map((_, i) => `$${i + 6}::float8[]`).join(', ')})`,
    [
      id,
      projectId,
      at(baselineEndMs),
      pre.map(({ collectedAtMs }) => at(collectedAtMs)),
      pre.map(() => null),
      ...METRICS.map((metric) => pre.map((sample) => sample[metric])),
    ],
  );
  for (const [phase, samples] of [['pre', read] as const, ['post', post] as const]) {
    for (const [index, sample] of samples.entries()) {
      await connection.query(
        `insert into seqpulse.samples (deployment_id, project_id, phase, sequence, due_at, collected_at, ${METRICS.join(', ')})
         values ($1, $2, $3, $4, $5, $5, ${METRICS.map((_, i) => `$${i + 6}`).join(', ')})`,
        [id, projectId, phase, index, at(sample.collectedAtMs), ...METRICS.map((metric) => sample[metric])],
      );
    }
  }
  if (made.failure !== undefined)
    await makeFailures(connection, id, made.failure, windowMinutes - count, count, untilMs);
  if (state === 'analyzed')
    await makeVerdict(connection, { id, pre, read, post, made, windowMinutes, finishedMs, untilMs });
  if (made.feedback !== undefined) {
    await connection.query(
      'insert into seqpulse.verdict_feedback (deployment_id, project_id, correct, note, given_at) values ($1, $2, $3, $4, $5)',
      [id, projectId, made.feedback.correct, made.feedback.note, at(untilMs + 20 * MINUTE_MS)],
    );
  }
  return id;
}

const stored = (sample: Sample, fromBaseline: boolean): StoredSample => ({ ...sample, phase: 'pre', fromBaseline });
const times = (count: number, at: (index: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => at(i));

const hex = (number: number): string =>
  times(5, (i) => Math.floor(chance(number, i) * 2 ** 32))
    .map((part) => part.toString(16).padStart(8, '0'))
    .join('');

async function makeVerdict(
  connection: Runs,
  input: {
    readonly id: string;
    readonly pre: readonly Sample[];
    /** At the trigger, beside a baseline kept ready. */
    readonly read: readonly Sample[];
    readonly post: readonly Sample[];
    readonly made: MadeDeployment;
    readonly windowMinutes: number;
    readonly finishedMs: number;
    readonly untilMs: number;
  },
): Promise<void> {
  const { id, pre, read, post, made, windowMinutes, finishedMs, untilMs } = input;
  const question = {
    pre,
    post,
    expectedPre: 15,
    expectedPost: windowMinutes,
    intervalMs: MINUTE_MS,
    collectionEnded: made.supersededBy == null ? null : 'a newer deployment started in this environment',
    pipelineFailed: made.pipeline !== undefined && made.pipeline !== 'success',
    baselineNote: made.baselineNote ?? null,
  };
  const alone = judge(question);
  const { setAside } = evidenceOf(
    [...pre.map((sample) => stored(sample, true)), ...read.map((sample) => stored(sample, false))],
    { baselineSource: 'continuous', startedAt: new Date(made.startedAtMs), preExpected: read.length },
  );
  const failedReads =
    made.failure === undefined ? null : { tries: 4 * (windowMinutes - post.length), lastError: made.failure };
  const hints = hintsOf(alone, question, { finishedAtMs: finishedMs, failedReads, traceId: null });
  const others = made.others?.(finishedMs) ?? null;
  const { judgement, beside } =
    others === null ? { judgement: alone, beside: null } : besideOthers({ ...alone, hints }, others);
  await connection.query(
    `insert into seqpulse.verdicts
       (deployment_id, project_id, verdict, confidence, summary, details, left_out, trust, created_at, shape, hints, others)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $11, $10, $12)`,
    [
      id,
      made.projectId,
      judgement.verdict,
      judgement.confidence,
      judgement.summary,
      JSON.stringify(judgement.details),
      JSON.stringify([...setAside, ...judgement.leftOut]),
      judgement.trust === null ? null : JSON.stringify(judgement.trust),
      new Date(untilMs + 1_400),
      JSON.stringify(hints),
      STORED_SHAPES.verdict,
      beside === null ? null : JSON.stringify(beside),
    ],
  );
}

async function makeFailures(
  connection: Runs,
  id: string,
  reason: string,
  count: number,
  from: number,
  untilMs: number,
): Promise<void> {
  for (const index of times(count, (i) => from + i)) {
    await connection.query(
      `insert into seqpulse.job_failures (job_id, job_type, deployment_id, sequence, reason, tries, failed_at)
       values ($1, 'post_collect', $2, $3, $4, 4, $5)`,
      [randomUUID(), id, index, reason, new Date(untilMs)],
    );
  }
}
