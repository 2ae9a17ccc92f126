import type { VerdictName } from '../verdict/types.ts';
import type { EventName, OccurrenceFacts } from './notification.ts';

/**
 * The events of a verdict in an environment whose level was so before it. `hadEarly`: a rollback had been recommended before
 * the window was over.
 */
export function eventsOfVerdict(
  verdict: VerdictName,
  wasBad: boolean,
  hadEarly: boolean,
): { readonly events: readonly EventName[]; readonly environment: OccurrenceFacts['environment'] } {
  // Of no interest beside the verdict itself, which says so too.
  const withdrawn: EventName[] = hadEarly && verdict !== 'rollback_recommended' ? ['early_not_confirmed'] : [];
  if (verdict === 'insufficient_data') {
    return { events: [verdict, ...withdrawn], environment: { state: wasBad ? 'bad' : 'good', changed: false } };
  }
  const isBad = verdict !== 'ok';
  const changed = isBad !== wasBad;
  const change: EventName = isBad ? 'environment_bad' : 'environment_recovered';
  return {
    events: [verdict, ...withdrawn, ...(changed ? [change] : [])],
    environment: { state: isBad ? 'bad' : 'good', changed },
  };
}
