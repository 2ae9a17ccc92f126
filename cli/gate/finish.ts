import type { Client } from '../../client/client.ts';
import type { FinishBody } from '../../client/types.ts';
import { type Fault, faultOf, NotSeqPulse } from './faults.ts';
import { type Pace, withRetries } from './retries.ts';
import type { Retrying } from './start.ts';

export type Ended =
  | { readonly outcome: 'accepted' | 'ignored'; readonly message: string }
  | { readonly outcome: 'fault'; readonly fault: Fault };

/** Ends a deployment; sent again it is `ignored`, which is no fault. */
export async function finishDeployment(
  pace: Pace,
  client: Pick<Client, 'finish'>,
  body: FinishBody,
  retrying: Retrying,
): Promise<Ended> {
  try {
    const { status, message } = await withRetries(
      pace,
      { forMs: retrying.retryForMs, onRetry: retrying.onRetry },
      async () => {
        const answer = await client.finish(body);
        if (typeof answer.status === 'string') return answer;
        throw new NotSeqPulse('it answered 200, but not as SeqPulse does: is the URL right?');
      },
    );
    if (status !== 'not_found') return { outcome: status, message };
    return { outcome: 'fault', fault: { kind: 'misused', message, retryAfterSeconds: null } };
  } catch (error) {
    const fault = faultOf(error);
    if (fault === null) throw error;
    return { outcome: 'fault', fault };
  }
}
