import { HOUR_MS } from '../db/baselines/slots.ts';
import type { Tables } from '../db/database.ts';
import type { BaselineSource } from '../model/level.ts';
import { serviceNoise } from '../verdict/service-noise.ts';
import type { Limits, Sample, ServiceNoise } from '../verdict/types.ts';
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
 * What was read of the service in its good and quiet times of the day before the deployment, oldest first. null where nothing
 * is read between deployments, or not yet.
 */
export async function quietDay(
  db: Pick<Tables, 'baselineSamples' | 'levelHistory'>,
  question: NoiseQuestion,
): Promise<Sample[] | null> {
  const { projectId, env, startedAt, countAfter } = question;
  if (question.baselineSource === 'at_trigger') return null;
  const toMs = startedAt.getTime();
  const fromMs = toMs - Math.min(MAX_HOURS, question.keptHours) * HOUR_MS;
  const samples = await db.baselineSamples.listOf(projectId, env, new Date(fromMs), startedAt);
  if (samples.length < FULL_BASELINE + countAfter) return null;
  const { goodSpans } = levelOf(await readHistory(db, projectId, env, fromMs), fromMs, toMs);
  return samples.filter(({ collectedAtMs }) =>
    goodSpans.some((span) => collectedAtMs >= span.fromMs && collectedAtMs < span.toMs),
  );
}

/** How loud the service is by itself, by its quiet day; null where that is not known. */
export function ownNoise(
  quiet: readonly Sample[] | null,
  { countAfter, limits }: Pick<NoiseQuestion, 'countAfter' | 'limits'>,
): ServiceNoise | null {
  return quiet === null ? null : serviceNoise(quiet, { countBefore: FULL_BASELINE, countAfter }, limits);
}
