import type { Client } from '../../client/client.ts';
import type { TriggerBody } from '../../client/types.ts';
import { type Fault, faultOf, NotSeqPulse } from './faults.ts';
import { type Pace, withRetries } from './retries.ts';

export type Started =
  | { readonly outcome: 'watched'; readonly id: string; readonly message: string | null }
  /** Somebody else's deployment runs here, or this one has ended already: nothing is watched for this start. */
  | { readonly outcome: 'unwatched'; readonly reason: string }
  | { readonly outcome: 'fault'; readonly fault: Fault };

export interface Retrying {
  readonly retryForMs: number;
  readonly onRetry: (fault: Fault, inMs: number) => void;
}

/** Begins a deployment. The body's key makes a start that is sent again the same one. */
export async function startDeployment(
  pace: Pace,
  client: Pick<Client, 'trigger' | 'deployment'>,
  body: TriggerBody & { readonly idempotency_key: string },
  retrying: Retrying,
): Promise<Started> {
  try {
    return await withRetries(pace, { forMs: retrying.retryForMs, onRetry: retrying.onRetry }, async () => {
      const { deployment_id: id, status, message } = await client.trigger(body);
      if (typeof id !== 'string') throw new NotSeqPulse('it answered 200, but not as SeqPulse does: is the URL right?');
      if (status === 'created') return { outcome: 'watched', id, message };
      return await found(client, { id, message: message ?? '' }, body.idempotency_key);
    });
  } catch (error) {
    const fault = faultOf(error);
    if (fault === null) throw error;
    return { outcome: 'fault', fault };
  }
}

/** Ours is what was made with our key, by an earlier step of this job or a start whose answer was lost. */
async function found(
  client: Pick<Client, 'deployment'>,
  existing: { readonly id: string; readonly message: string },
  key: string,
): Promise<Started> {
  const { id, message } = existing;
  const { state, idempotency_key: itsKey, origin } = await client.deployment(id);
  // One that was found by this version before CI said so is observed already.
  const isOpen = state === 'running' || (origin === 'detected' && state === 'finished');
  if (itsKey === key && isOpen) return { outcome: 'watched', id, message: null };
  return { outcome: 'unwatched', reason: message };
}
