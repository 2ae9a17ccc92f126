import { tellRecovered } from '../baseline/tell-source.ts';
import type { Tables } from '../db/database.ts';
import type { OccurrenceFacts } from '../model/notification.ts';
import { eventsOfVerdict } from '../model/verdict-events.ts';
import type { VerdictName } from '../verdict/types.ts';

/** The deployment that is told of. */
export interface ToldVerdict {
  readonly deploymentId: string;
  readonly projectId: string;
  readonly env: string;
  readonly startedAt: Date;
  readonly verdict: VerdictName;
  /** Whether a rollback had been recommended before the window was over. */
  readonly hadEarly: boolean;
  readonly at: Date;
}

/** Puts an early rollback into the outbox, in the transaction that stores it. */
export async function addEarlyMessages(
  tx: Tables,
  told: Pick<ToldVerdict, 'deploymentId' | 'projectId' | 'env' | 'at'>,
): Promise<void> {
  await tx.outbox.add({ ...told, events: ['early_rollback'], facts: {} });
}

/** Puts a late check that changed its mind into the outbox, in the transaction that stores it. */
export async function addLateMessages(
  tx: Tables,
  told: Pick<ToldVerdict, 'deploymentId' | 'projectId' | 'env' | 'at'>,
): Promise<void> {
  await tx.outbox.add({ ...told, events: ['late_attention'], facts: {} });
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
  const { events, environment } = eventsOfVerdict(verdict, before?.judgement === 'bad', told.hadEarly);
  const facts: OccurrenceFacts = environment === undefined ? {} : { environment };
  await tx.outbox.add({ projectId, env, deploymentId, events, facts, at });
}
