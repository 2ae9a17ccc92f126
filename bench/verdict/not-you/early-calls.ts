import { judgeEarly, judgeSoFar } from '../../../src/verdict/early.ts';
import type { Incident, Windows } from './incident.ts';
import { besideSeen, see } from './see.ts';

/** Samples after, at which there are looks. */
const LOOKS = [2, 3, 4];
const WINDOW = 5;

export interface EarlyCalls {
  /** Services that an early rollback is recommended of, by their own numbers alone, */
  readonly alone: ReadonlySet<string>;
  /** and beside the others. */
  readonly beside: ReadonlySet<string>;
}

/** Looks into the window of each service, as if each had been deployed. */
export function earlyCalls({ services }: Pick<Incident, 'services'>): EarlyCalls {
  const [alone, beside] = [new Set<string>(), new Set<string>()];
  for (const count of LOOKS) {
    const soFar = new Map<string, Windows>();
    for (const [name, { pre, post }] of services) soFar.set(name, { pre, post: post.slice(0, count) });
    const seen = [...soFar].map(([name, windows]) => see(name, windows, judgeSoFar));
    for (const one of seen) {
      const { pre = [], post = [] } = soFar.get(one.name) ?? {};
      const asked = { pre, post, expectedPre: pre.length, expectedPost: WINDOW, collectionEnded: null };
      if (judgeEarly(asked) === null) continue;
      alone.add(one.name);
      if (!besideSeen(one, seen).beside.lowered) beside.add(one.name);
    }
  }
  return { alone, beside };
}
