import { EARLY_BOUNDS, judgeEarly } from '../../src/verdict/early.ts';
import { type Case, inputOf, isGrave } from './cases.ts';
import { quietPairs } from './quiet-windows.ts';
import { share, table } from './tables.ts';

/** The look at which a case is called back, counted in samples after; null: at none before its window is over. */
export function calledAt(one: Case): number | null {
  const input = inputOf(one);
  for (let look = 1; look < input.post.length; look++) {
    if (judgeEarly({ ...input, post: input.post.slice(0, look) }) !== null) return look;
  }
  return null;
}

/** Groups of cases and how many of each are called back by each look. */
export function earlyTable(cases: readonly Case[]): string {
  const labelled = cases.filter(({ label }) => label !== null);
  const groups: [name: string, members: readonly Case[]][] = [
    ['grave faults', labelled.filter(({ label }) => label !== null && isGrave(label))],
    ['healthy cases', labelled.filter(({ label }) => label?.regressed === false)],
    ...([3, 5, 15] as const).map((before): [string, Case[]] => [
      `quiet pairs, ${before} + 5`,
      quietPairs(cases, before, 5),
    ]),
  ];
  const last = EARLY_BOUNDS.length + 1;
  const rows = groups.map(([name, members]) => {
    const called = members.map(calledAt).filter((look) => look !== null);
    const by = (look: number) => share(called.filter((at) => at <= look).length / members.length);
    const looks = Array.from({ length: last }, (_, i) =>
      i + 1 === last ? share(called.length / members.length) : by(i + 1),
    );
    return [name, String(members.length), ...looks];
  });
  const header = ['called back by sample', 'cases', ...EARLY_BOUNDS.map((_, i) => String(i + 1)), 'any look'];
  return table([header, ...rows]);
}
