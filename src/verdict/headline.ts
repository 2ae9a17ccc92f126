import type { Finding, Judgement, MetricName } from './types.ts';

/** Characters: fits a chat message, a commit status and a mail's subject. */
const MAX_CHARACTERS = 120;

const WITHOUT_ALARM = {
  ok: 'no metric got worse',
  attention: 'a metric got worse',
  rollback_recommended: 'metrics got worse',
  insufficient_data: 'not enough data to say',
} as const;

/**
 * The verdict in at most 120 characters, made of the metrics that failed, the worst first: "p95 latency rose from 182 ms
 * to 583 ms and errors rose from 0.4 % to 2.11 %". What does not fit is counted.
 */
export function headlineOf({ verdict, details }: Pick<Judgement, 'verdict' | 'details'>): string {
  if (verdict === 'ok' || verdict === 'insufficient_data') return WITHOUT_ALARM[verdict];
  const failed = details.filter(({ severity }) => severity !== 'none');
  const worstFirst = failed.toSorted((one, other) => rank(other) - rank(one));
  const clauses = worstFirst.map(clauseOf).filter((clause) => clause !== null);
  if (clauses.length === 0) return WITHOUT_ALARM[verdict];
  for (let shown = clauses.length; shown > 0; shown -= 1) {
    const rest = clauses.length - shown;
    const text = joined([...clauses.slice(0, shown), ...(rest === 0 ? [] : [`${rest} more`])]);
    if (text.length <= MAX_CHARACTERS) return text;
  }
  return WITHOUT_ALARM[verdict];
}

const rank = ({ severity }: Finding): number => (severity === 'critical' ? 1 : 0);

function clauseOf({ metric, baseline, observed }: Finding): string | null {
  if (baseline === null || observed === null) return null;
  const verb = metric === 'requests_per_sec' ? 'fell' : 'rose';
  return `${SUBJECT[metric]} ${verb} from ${level(metric, baseline)} to ${level(metric, observed)}`;
}

function joined(clauses: readonly string[]): string {
  const last = clauses.at(-1) ?? '';
  return clauses.length < 2 ? last : `${clauses.slice(0, -1).join(', ')} and ${last}`;
}

const SUBJECT: Record<MetricName, string> = {
  error_rate: 'errors',
  latency_p95: 'p95 latency',
  requests_per_sec: 'traffic',
  cpu_usage: 'CPU',
  memory_usage: 'memory',
};

/** Errors with two digits, for their rises that matter are fractions of a point. */
function level(metric: MetricName, value: number): string {
  if (metric === 'error_rate') return `${(value * 100).toFixed(2)} %`;
  if (metric === 'latency_p95') return `${figure(value)} ms`;
  return metric === 'requests_per_sec' ? `${figure(value)}/s` : `${figure(value * 100)} %`;
}

/** Three digits or so. */
function figure(value: number): string {
  if (value >= 1e6) return value.toExponential(1);
  return String(Number(value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)));
}
