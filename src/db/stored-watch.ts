import type { Serving, Sighted, VersionWatch } from '../model/version-watch.ts';
import { isNumber, property } from './stored-json.ts';
import { STORED_SHAPES } from './stored-shapes.ts';

/** null: there is none, or none that can be read; then what serves is seen for the first time. */
export function toWatch(stored: unknown): VersionWatch | null {
  const identity = property(stored, 'identity');
  const [minute, knownMinute] = [property(stored, 'minute'), property(stored, 'knownMinute')];
  if (typeof identity !== 'string' || !isNumber(minute) || !isNumber(knownMinute)) return null;
  const [deploymentId, version] = ['deploymentId', 'version'].map((name) => property(property(stored, 'owned'), name));
  return {
    identity,
    minute,
    knownMinute,
    serving: entriesOf(property(stored, 'serving'), toServing),
    sighted: entriesOf(property(stored, 'sighted'), toSighted),
    owned: typeof deploymentId === 'string' && typeof version === 'string' ? { deploymentId, version } : null,
  };
}

export function fromWatch(watch: VersionWatch): string {
  return JSON.stringify({ shape: STORED_SHAPES.watch, ...watch });
}

function toServing(stored: unknown): Serving {
  return {
    share: numberOf(stored, 'share'),
    absentMinutes: numberOf(stored, 'absentMinutes'),
    missedRequests: numberOf(stored, 'missedRequests'),
  };
}

function toSighted(stored: unknown): Sighted {
  return { sinceMinute: numberOf(stored, 'sinceMinute'), minutes: numberOf(stored, 'minutes') };
}

function entriesOf<Value>(stored: unknown, to: (one: unknown) => Value): Record<string, Value> {
  if (typeof stored !== 'object' || stored === null) return {};
  return Object.fromEntries(Object.entries(stored).map(([name, one]) => [name, to(one)]));
}

function numberOf(stored: unknown, name: string): number {
  const value = property(stored, name);
  return isNumber(value) ? value : 0;
}
