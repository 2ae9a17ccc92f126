import { HOUR_MS } from '../db/baselines/ring.ts';
import type { Tables } from '../db/database.ts';
import type { BaselineSource } from '../model/level.ts';
import { serviceNoise } from '../verdict/service-noise.ts';
import type { Limits, ServiceNoise } from '../verdict/types.ts';
import { FULL_BASELINE } from './evidence.ts';
import { levelOf } from './level.ts';
import { readHistory } from './read-history.ts';

/** A day has every hour once; more is another season. */
const MAX_HOURS = 24;

export interface NoiseQuestion {
  readonly projectId: string;
  readonly env: string;
  readonly startedAt: Date;
  readonly baselineSource: BaselineSource;
  readonly countAfter: number;
  readonly limits: Partial<Limits>;
  /** How far back the ring reaches. */
  readonly keptHours: number;
}

/**
 * How loud the service is by itself, by its good and quiet times in the day before the deployment. null where nothing
 * is read between deployments, or not yet.
 */
export async function ownNoise(
  db: Pick<Tables, 'baselineSamples' | 'levelHistory'>,
  question: NoiseQuestion,
): Promise<ServiceNoise | null> {
  const { projectId, env, startedAt, countAfter, limits } = question;
  if (question.baselineSource === 'at_trigger') return null;
  const toMs = startedAt.getTime();
  const fromMs = toMs - Math.min(MAX_HOURS, question.keptHours) * HOUR_MS;
  const samples = await db.baselineSamples.listOf(projectId, env, new Date(fromMs), startedAt);
  if (samples.length < FULL_BASELINE + countAfter) return null;
  const { goodSpans } = levelOf(await readHistory(db, projectId, env, fromMs), fromMs, toMs);
  const quiet = samples.filter(({ collectedAtMs }) =>
    goodSpans.some((span) => collectedAtMs >= span.fromMs && collectedAtMs < span.toMs),
  );
  return serviceNoise(quiet, { countBefore: FULL_BASELINE, countAfter }, limits);
}
