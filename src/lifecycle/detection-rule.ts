import type { NewVersion, Serving, Sighted, VersionWatch } from '../model/version-watch.ts';

/** Of the requests: below it a new version is a probe or a small canary, and no deployment yet. */
const MIN_SHARE = 0.05;
/** The busiest versions of a minute that are looked at; each of more than these takes less than the least share. */
const MAX_VERSIONS = 20;
const MAX_SERVING = 50;
/** What serves has left when it is away for so many minutes in which others serve, */
const LEFT_AFTER_MINUTES = 2;
/** and so many requests should have been its own: with fewer chance may have kept it away. */
const LEFT_AFTER_REQUESTS = 5;
/** After as many minutes of which nothing is known a version that is new may have come at any time: no deployment. */
const FORGETS_AFTER_MINUTES = 60;
/** Characters of a version that count. */
const MAX_CHARACTERS = 255;

export interface VersionsOfMinute {
  /** Unix time / 60, of its end. */
  readonly minute: number;
  /** Requests by version; empty: nothing is known. */
  readonly requests: ReadonlyMap<string, number>;
}

export interface Step {
  readonly watch: VersionWatch;
  readonly found: NewVersion | null;
}

/**
 * One minute more of an environment's versions. A version is in one state at a time:
 *
 *   unknown   enters: it never served, or it has left.
 *             leaves: into `sighted` with a share of 5 % of a minute's requests or more.
 *   sighted   leaves: into `serving` after `confirmMinutes` such minutes in a row, which is a deployment (the busiest of
 *             several that are confirmed at once); back into `unknown` with the first minute that is not such.
 *   serving   leaves: into `unknown` when others serve for minutes and it takes none of what it used to take. So that an
 *             earlier version that comes back is a deployment, and a canary beside another version is one only once.
 *
 * What serves in the first minute that is known is no deployment; minutes without data change nothing.
 */
export function step(
  before: VersionWatch | null,
  identity: string,
  { minute, requests }: VersionsOfMinute,
  confirmMinutes: number,
): Step {
  const known = before?.identity === identity ? before : null;
  const all = busiest(requests);
  const total = all.reduce((sum, [, count]) => sum + count, 0);
  const start = { identity, minute, knownMinute: minute, sighted: {}, owned: known?.owned ?? null };
  if (total === 0) {
    const nothing = { ...start, knownMinute: minute - FORGETS_AFTER_MINUTES - 1, serving: {} };
    return { watch: known === null ? nothing : { ...known, minute }, found: null };
  }
  const shares = all.slice(0, MAX_VERSIONS).map(([version, count]) => [version, count / total] as const);
  if (known === null || minute - known.knownMinute > FORGETS_AFTER_MINUTES) {
    const taking = shares.filter(([, share]) => share >= MIN_SHARE);
    const serving = (taking.length > 0 ? taking : shares).map(([version, share]) => [version, present(share)] as const);
    return { watch: { ...start, serving: Object.fromEntries(serving) }, found: null };
  }
  const taken = new Map(all.map(([version, count]) => [version, count / total]));
  const serving = new Map<string, Serving>();
  for (const [version, was] of Object.entries(known.serving)) {
    const now = afterMinute(was, taken.get(version) ?? 0, total);
    if (now !== null) serving.set(version, now);
  }
  const sighted = new Map<string, Sighted>();
  let found: NewVersion | null = null;
  for (const [version, share] of shares) {
    if (share < MIN_SHARE || Object.hasOwn(known.serving, version)) continue;
    const was = Object.hasOwn(known.sighted, version) ? known.sighted[version] : undefined;
    const now = { sinceMinute: was?.sinceMinute ?? minute, minutes: (was?.minutes ?? 0) + 1 };
    if (now.minutes < confirmMinutes) sighted.set(version, now);
    else {
      found ??= { version, sinceMinute: now.sinceMinute };
      serving.set(version, present(share));
    }
  }
  const kept = [...serving].sort(([, a], [, b]) => b.share - a.share).slice(0, MAX_SERVING);
  return {
    watch: { ...start, serving: Object.fromEntries(kept), sighted: Object.fromEntries(sighted) },
    found,
  };
}

/**
 * Whether a minute in which only these versions were pushed can say nothing new, so that its requests need not be counted:
 * the one that serves, and nothing else. Two are counted: one of them may take no requests any more, though it still pushes.
 */
export function saysNothingNew(watch: VersionWatch, identity: string, pushed: readonly string[]): boolean {
  if (watch.identity !== identity || Object.keys(watch.sighted).length > 0) return false;
  const [[version, { absentMinutes }] = ['', present(0)], ...others] = Object.entries(watch.serving);
  return others.length === 0 && absentMinutes === 0 && pushed.length === 1 && nameOf(pushed[0] ?? '') === version;
}

function present(share: number): Serving {
  return { share, absentMinutes: 0, missedRequests: 0 };
}

/** null: it has left. */
function afterMinute(was: Serving, share: number, total: number): Serving | null {
  if (share > 0) return present(share);
  const now = {
    share: was.share,
    absentMinutes: was.absentMinutes + 1,
    missedRequests: was.missedRequests + Math.max(was.share, MIN_SHARE) * total,
  };
  return now.absentMinutes >= LEFT_AFTER_MINUTES && now.missedRequests >= LEFT_AFTER_REQUESTS ? null : now;
}

/** The busiest first; names cut to what is stored of them. */
function busiest(requests: ReadonlyMap<string, number>): [string, number][] {
  const named = new Map<string, number>();
  for (const [version, count] of requests) {
    const name = nameOf(version);
    if (name !== '' && count > 0) named.set(name, (named.get(name) ?? 0) + count);
  }
  return [...named].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}

/** As it can be stored and read: control characters, and characters that turn text around, go. */
function nameOf(version: string): string {
  const plain = version.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, '').trim();
  return [...plain.toWellFormed()].slice(0, MAX_CHARACTERS).join('');
}
