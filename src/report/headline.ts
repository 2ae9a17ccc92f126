import { quantityOf } from './basis.ts';
import { joined, levels } from './figures.ts';
import { falls, judgedOn, subjectOf } from './measure.ts';

/** Characters: fits a chat message, a commit status and a mail's subject. */
const MAX_CHARACTERS = 120;

/** What a headline reads of a verdict, on the wire or in the engine. */
export interface Headlined {
  readonly verdict: 'ok' | 'attention' | 'rollback_recommended' | 'insufficient_data';
  readonly details: readonly {
    readonly metric: string;
    /** Of `custom`: on the wire beside it, in the engine in here. */
    readonly custom?: {
      readonly name: string;
      readonly kind: 'level' | 'share' | 'rate';
      readonly worse: 'up' | 'down';
    };
    readonly name?: string;
    readonly kind?: 'level' | 'share' | 'rate';
    readonly worse?: 'up' | 'down';
    readonly unit?: string;
    readonly baseline: number | null;
    readonly observed: number | null;
    readonly severity: 'none' | 'attention' | 'critical';
    readonly evidence?: { readonly strength?: number | null; readonly judged_by?: string | null };
  }[];
}

type Detail = Headlined['details'][number];

const WITHOUT_ALARM = {
  ok: 'no metric got worse',
  attention: 'a metric got worse',
  rollback_recommended: 'metrics got worse',
  insufficient_data: 'not enough data to say',
} as const;

/**
 * The verdict in at most 120 characters, made of the metrics that failed, the worst first: "p95 latency rose from 182 ms
 * to 583 ms and errors rose from 0.40 % to 2.11 %". What does not fit is counted.
 */
export function headlineOf({ verdict, details }: Headlined): string {
  if (verdict === 'ok' || verdict === 'insufficient_data') return WITHOUT_ALARM[verdict];
  const failed = details.filter(({ severity }) => severity !== 'none');
  const worstFirst = failed.toSorted((one, other) => rank(other) - rank(one) || strength(other) - strength(one));
  const clauses = worstFirst.map(clauseOf).filter((clause) => clause !== null);
  for (let shown = clauses.length; shown > 0; shown -= 1) {
    const rest = clauses.length - shown;
    const text = listed([...clauses.slice(0, shown), ...(rest === 0 ? [] : [`${rest} more`])]);
    if (text.length <= MAX_CHARACTERS) return text;
  }
  return WITHOUT_ALARM[verdict];
}

const rank = ({ severity }: Detail): number => (severity === 'critical' ? 1 : 0);

const strength = ({ evidence }: Detail): number => evidence?.strength ?? 0;

function clauseOf({ custom, ...detail }: Detail): string | null {
  const { baseline, observed } = detail;
  const judged = judgedOn({ ...detail, ...custom });
  if (baseline === null || observed === null || judged === null) return null;
  const measure = quantityOf(judged, detail.evidence ?? {});
  const verb = falls(measure) ? 'fell' : 'rose';
  const [from, to] = levels(measure, [baseline, observed]).map(joined);
  return `${subjectOf(measure)} ${verb} from ${from} to ${to}`;
}

/** "a", "a and b", "a, b and c". */
export function listed(clauses: readonly string[]): string {
  const last = clauses.at(-1) ?? '';
  return clauses.length < 2 ? last : `${clauses.slice(0, -1).join(', ')} and ${last}`;
}
