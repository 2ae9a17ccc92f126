import type { Tables } from '../db/database.ts';
import type { OccurrenceFacts } from '../model/notification.ts';

export interface Place {
  readonly projectId: string;
  readonly env: string;
}

export interface Outage {
  readonly since: Date;
  readonly reason: string;
}

/** An environment's source can't be read: told once, in the caller's transaction, until it can be read again. */
export async function tellFailing(tx: Tables, place: Place, outage: Outage, at: Date): Promise<void> {
  if (await tx.sourceOutages.open(place.projectId, place.env, outage, at)) {
    await addMessage(tx, 'source_failing', place, outage, at);
  }
}

/** The same, where only a deployment there is known. */
export async function tellCollectFailed(tx: Tables, deploymentId: string, outage: Outage, at: Date): Promise<void> {
  const place = await tx.sourceOutages.placeOf(deploymentId);
  if (place !== null) await tellFailing(tx, place, outage, at);
}

/** It can be read again. `begunBefore`: only of an outage that is older. */
export async function tellRecovered(tx: Tables, place: Place, at: Date, begunBefore = at): Promise<void> {
  const outage = await tx.sourceOutages.close(place.projectId, place.env, at, begunBefore);
  if (outage !== null) await addMessage(tx, 'source_recovered', place, outage, at);
}

async function addMessage(
  tx: Tables,
  event: 'source_failing' | 'source_recovered',
  { projectId, env }: Place,
  { since, reason }: Outage,
  at: Date,
): Promise<void> {
  const facts: OccurrenceFacts = { source: { since: since.toISOString(), reason } };
  await tx.outbox.add({ projectId, env, deploymentId: null, events: [event], facts, at });
}
