import { waitOf } from './hint-words.ts';
import type { Sample } from './types.ts';

/** Seconds after its time from which a reading is worth a word: polls and a busy worker cost one or two. */
const TOLD_LATE_SECONDS = 5;

/** How reading went after the deployment, as one sentence; null when it went as it should. */
export function readsClause(read: {
  readonly after: readonly Sample[];
  readonly expected: number;
  readonly failed: { readonly tries: number; readonly lastError: string } | null;
}): string | null {
  const { after, expected, failed } = read;
  const late = after.filter(({ lateSeconds }) => lateSeconds >= TOLD_LATE_SECONDS);
  const missing = expected - after.length;
  const clauses: string[] = [];
  if (late.length > 0) {
    const most = Math.max(...late.map(({ lateSeconds }) => lateSeconds));
    const by = `${waitOf(most * 1000)} after its time`;
    clauses.push(late.length === 1 ? `one was read late, ${by}` : `${late.length} were read late, the latest ${by}`);
  }
  if (missing > 0) clauses.push(`${missing} ${missing === 1 ? 'is' : 'are'} missing`);
  const told = clauses.length === 0 ? null : `Of ${expected} samples after the deployment ${clauses.join(' and ')}`;
  if (failed === null) return told === null ? null : `${told}.`;
  const tries = `${failed.tries} ${failed.tries === 1 ? 'try' : 'tries'} to read failed, the last one: ${failed.lastError}`;
  return told === null ? `${tries}.` : `${told}; ${tries}.`;
}
