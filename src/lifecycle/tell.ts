import { tellRecovered } from '../baseline/tell-source.ts';
import type { Tables } from '../db/database.ts';
import { eventsOfVerdict, type OccurrenceFacts } from '../model/notification.ts';
import type { VerdictName } from '../verdict/types.ts';

/** The deployment that is told of. */
export interface ToldVerdict {
  readonly deploymentId: string;
  readonly projectId: string;
  readonly env: string;
  readonly startedAt: Date;
  readonly verdict: VerdictName;
  readonly at: Date;
}

/**
 * Puts what a verdict tells into the outbox, in the transaction that stores it: it is told once, or never was. A channel
 * that wants the verdict itself is not told of the environment's change besides: the message says it.
 */
export async function addVerdictMessages(tx: Tables, told: ToldVerdict): Promise<void> {
  const { deploymentId, projectId, env, verdict, at } = told;
  // It rests on samples that were read since it began: what could not be read before can be read now.
  if (verdict !== 'insufficient_data') await tellRecovered(tx, { projectId, env }, at, told.startedAt);
  if (!(await tx.channels.isAnyTold(projectId))) return;
  const before = await tx.levelHistory.lastTelling(projectId, env, told.startedAt);
  const { events, environment } = eventsOfVerdict(verdict, before?.judgement === 'bad');
  const facts: OccurrenceFacts = environment === undefined ? {} : { environment };
  await tx.outbox.add({ projectId, env, deploymentId, events, facts, at });
}
