import type { Assessment } from './assessment.ts';
import type { Context } from './context.ts';
import { pair } from './figures.ts';

/**
 * What the deployment changed around the service, each as one clause for the summary: none of it is a regression, and a
 * reader who does not know of it misreads the numbers.
 */
export function statesOf(context: Context, assessments: readonly Assessment[]): string[] {
  const { rpsBefore, rpsAfter, facts } = context;
  const clauses: string[] = [];
  if (context.isNewlyServing && rpsBefore !== null && rpsAfter !== null) {
    const [before, after] = pair('requests_per_sec', rpsBefore, rpsAfter);
    clauses.push(
      context.wasIdle
        ? `what is read was idle before and serves ${after} now`
        : `what is read serves ${after} now and served ${before} before`,
    );
  }
  const { instances, trafficShare } = facts;
  if (instances !== undefined && instances.before !== instances.after) {
    clauses.push(`traffic is expected to be shared by ${instances.after} instances instead of ${instances.before}`);
  }
  if (trafficShare !== undefined && trafficShare < 1) {
    clauses.push(`${Number((trafficShare * 100).toFixed(1))} % of the traffic was planned for what is read`);
  }
  for (const { metric, evidence } of assessments) {
    const is0 =
      evidence.notJudged?.endsWith('as a number does that nobody serves') === true && typeof metric === 'string';
    if (is0)
      clauses.push(
        `${NAME[metric]} is served ${evidence.notJudged?.includes('before') === true ? 'only now' : 'no more'}`,
      );
  }
  return clauses;
}

const NAME = {
  error_rate: 'the error rate',
  latency_p95: 'p95 latency',
  requests_per_sec: 'traffic',
  cpu_usage: 'CPU',
  memory_usage: 'memory',
} as const;

/** Why nothing is known of a service to which no request came, as one clause; null when one came. */
export function whySilent(context: Context): string | null {
  const { isSilent, wasIdle, planned, rpsBefore } = context;
  if (!isSilent) return null;
  if (planned === 0)
    return 'no request came after the deployment, as was planned, so nothing is known of how it serves';
  if (wasIdle) return 'no request came before or after the deployment, so nothing is known of how it serves';
  const perMinute = (rpsBefore ?? 0) * 60;
  const few =
    perMinute > 0
      ? `only ${Number(perMinute.toFixed(perMinute < 10 ? 1 : 0))} a minute came`
      : 'they came only now and then';
  return `no request came after the deployment; ${few} before, so that the silence may be chance or an outage`;
}
