import { dayTime, timeNear } from './times.ts';
import type { ReportedDeployment } from './wire.ts';
import { capitalised, counted } from './words.ts';

/** Which samples a deployment is compared with, as sentences; '' where that is not known. */
export interface Compared {
  readonly text: string;
  /** The deployment with which the good state began that they show. */
  readonly since: { readonly id: string; readonly number: number } | null;
}

export function comparedOf({ baseline, started_at, samples }: ReportedDeployment, nowMs: number): Compared {
  if (baseline === null || baseline === undefined) return { text: '', since: null };
  const { source, samples: count, from, until, note, good_since: since } = baseline;
  const startedMs = Date.parse(started_at);
  const said = note === null ? '' : `${capitalised(withTimes(note, nowMs)).replace(/\.$/, '')}.`;
  if (source === 'last_good') return { text: said, since: null };
  if (source === 'at_trigger' || from === null || until === null) {
    const came = samples?.before.collected ?? count;
    const read =
      came === 1 ? 'One sample read at the trigger' : `${capitalised(counted(came))} samples read at the trigger`;
    return { text: said === '' ? `${read}.` : `${read}. ${said}`, since };
  }
  const [first, last] = [Date.parse(from), Date.parse(until)].map((atMs) => timeNear(atMs, startedMs));
  const span = count === 1 ? `The reading of ${first}` : `The ${count} readings of ${first} to ${last}`;
  const minutes = (Date.parse(until) - Date.parse(from)) / 60_000;
  // A gap of one minute is usual; more of them are worth asking about, and then it is not said.
  const pace = count > 1 && minutes <= count ? ', one a minute' : '';
  return { text: `${span}${pace}, from before this deployment.${said === '' ? '' : ` ${said}`}`, since };
}

/** Times inside a clause, as people read them. */
function withTimes(text: string, nowMs: number): string {
  return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (time) => dayTime(Date.parse(time), nowMs));
}
