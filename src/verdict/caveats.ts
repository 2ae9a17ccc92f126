import type { Admitted } from './admit.ts';
import type { LeftOut } from './types.ts';

/** What was not used, as one clause, or null when everything was. */
export function leftOutClause(leftOut: readonly LeftOut[]): string | null {
  const told = leftOut.filter((left) => left.reason !== 'older_than_baseline');
  if (told.length === 0) return null;
  const parts = told.map((left) => `${left.count} ${left.phase === 'pre' ? 'before' : 'after'} (${left.text})`);
  return `left out: ${parts.join(', ')}`;
}

/** Late, missing and overlapping samples, as clauses: what a reader must know to weigh the verdict. */
export function caveats(admitted: Admitted, expected: { before: number; after: number }): string[] {
  const { before, after } = admitted;
  const clauses: string[] = [];
  const missing = (phase: string, came: number, asked: number) => {
    const count = asked - came;
    if (count > 0) clauses.push(`${count} of ${asked} samples ${phase} ${count === 1 ? 'is' : 'are'} missing`);
  };
  missing('before', before.samples.length, expected.before);
  if (before.samples.length === 1 && expected.before <= 1) clauses.push('one sample before');
  missing('after', after.samples.length, expected.after);
  const late = (phase: string, count: number) => {
    if (count > 0) clauses.push(`${count} ${count === 1 ? 'sample' : 'samples'} ${phase} read late`);
  };
  late('before', admitted.lateBefore);
  late('after', admitted.lateAfter);
  const left = leftOutClause(admitted.leftOut);
  return left === null ? clauses : [...clauses, left];
}
