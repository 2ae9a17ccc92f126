import type { Settings } from '../settings.ts';
import type { FAIL_ON } from '../table/flags.ts';
import type { GateRules } from './outcome.ts';

/** Milliseconds. */
const START_RETRY_MS = 20_000;
const WAIT_RETRY_MS = 120_000;

export function gateRules(settings: Settings): GateRules {
  return {
    failOn: (settings.text('fail-on') ?? 'rollback') as (typeof FAIL_ON)[number],
    onUnavailable: onUnavailable(settings),
    onInsufficient: settings.text('on-insufficient') === 'fail' ? 'fail' : 'pass',
  };
}

/** Whether `wait` ends at an early verdict: where that one fails the gate already. */
export const endsEarly = (settings: Settings): boolean =>
  !settings.is('final') && gateRules(settings).failOn !== 'never';

export const onUnavailable = (settings: Settings): 'pass' | 'fail' =>
  settings.text('on-unavailable') === 'fail' ? 'fail' : 'pass';

/** How long a service that is away is asked again, milliseconds: a pipeline must not be held up, a verdict may be. */
export const retryForMs = (settings: Settings, isWaiting = false): number =>
  settings.duration('retry-for') ?? (isWaiting ? WAIT_RETRY_MS : START_RETRY_MS);
