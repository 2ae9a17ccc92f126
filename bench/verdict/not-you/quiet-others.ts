import { EXPLAIN_TUNING, type ExplainTuning } from '../../../src/verdict/others/explain.ts';
import { type Case, inputOf, isHeadline } from '../cases.ts';
import { seeded } from '../random.ts';
import type { Windows } from './incident.ts';
import { DAYS, quietDayOf } from './nezha-incidents.ts';
import { besideSeen, type Seen, see } from './see.ts';

const PLACES = 40;
const BEFORE = 15;
const AFTER = 5;
const DRAWS = 10;
const HOW_MANY = [1, 5, 9, 10, 19, 46, 100, 200];

/** Faults of their own that end in a rollback, beside so many others that nothing is wrong with. */
export interface QuietTally {
  readonly others: number;
  readonly rollbacks: number;
  /** Of them those that became attention, for one of the others was worse by chance. */
  lowered: number;
}

/** Pairs of windows of all services at drawn moments of the quiet rest of each day. */
export function quietServices(root: string): Seen[] {
  const random = seeded(7);
  return DAYS.flatMap(({ day }) => {
    const services = [...quietDayOf(root, day)];
    return Array.from({ length: PLACES }, () => {
      const share = random();
      return services.flatMap(([name, samples]) => {
        const at = Math.floor(share * (samples.length - BEFORE - AFTER));
        const pre = samples.slice(at, at + BEFORE);
        const seen = see(name, fromZero({ pre, post: samples.slice(at + BEFORE, at + BEFORE + AFTER) }));
        return seen.judgement.verdict === 'insufficient_data' ? [] : [seen];
      });
    }).flat();
  });
}

/** Windows of different days as if they were of the same minutes: since when they got worse is compared. */
function fromZero({ pre, post }: Windows): Windows {
  const zeroMs = post[0]?.collectedAtMs ?? 0;
  const moved = (samples: Windows['pre']) =>
    samples.map((sample) => ({ ...sample, collectedAtMs: sample.collectedAtMs - zeroMs }));
  return { pre: moved(pre), post: moved(post) };
}

export function besideQuiet(cases: readonly Case[], quiet: readonly Seen[], tuning: ExplainTuning = EXPLAIN_TUNING) {
  const random = seeded(8);
  const own = cases
    .filter(({ label }) => label?.regressed === true && isHeadline(label))
    .map((one) => see(one.id, fromZero(inputOf(one))))
    .filter(({ judgement }) => judgement.verdict === 'rollback_recommended');
  return HOW_MANY.map((others): QuietTally => {
    const tally = { others, rollbacks: own.length * DRAWS, lowered: 0 };
    for (const one of own) {
      for (let draw = 0; draw < DRAWS; draw++) {
        const beside = Array.from({ length: others }, () => quiet[Math.floor(random() * quiet.length)] as Seen);
        if (besideSeen(one, beside, tuning).beside.lowered) tally.lowered++;
      }
    }
    return tally;
  });
}
