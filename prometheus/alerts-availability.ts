import { catalog } from '../otel/catalog/catalog.ts';
import type { LinkBases } from './alert-catalog.ts';
import { ENVIRONMENT_LABEL, JOBS, LIMITS, SELECTORS } from './limits.ts';
import { annotate, byEnvironment, type RuleGroup, series } from './rule.ts';

const up = `up{${SELECTORS.job}}`;
/** Each job for itself: one that also matches, an exporter's say, must not stand in for a service that is down. */
const byJob = (operator: 'max' | 'count', expr: string) => `${operator} by (${ENVIRONMENT_LABEL}, job) (${expr})`;
const processStart = series(catalog.processStartTime);

export function availabilityAlerts(bases: LinkBases): RuleGroup {
  const down = 'SeqPulseDown';
  const unreachable = 'SeqPulseDatabaseUnreachable';
  const clock = 'SeqPulseClockOffset';
  return {
    // `scope` says what is down, and keeps the rules of one name apart: with equal labels one would hide the other.
    name: 'seqpulse.availability',
    rules: [
      {
        alert: down,
        // The left side is the value: how many are down.
        expr: `${byJob('count', `${up} == 0`)} == ${byJob('count', up)}`,
        for: LIMITS.down.everyReplicaFor,
        labels: { severity: 'critical', scope: 'environment' },
        annotations: annotate(down, bases, {
          summary: 'No replica of SeqPulse can be reached.',
          description:
            'None of the {{ printf "%.0f" $value }} replicas of job {{ $labels.job }} in environment {{ $labels.environment }} answers Prometheus: CI gets no answer either, and nothing is observed.',
        }),
      },
      {
        alert: down,
        // Beside `up == 0`, or a target that has left the list would be silent. The second half is a Collector that
        // answers while no service reports to it.
        expr: `absent(${up}) or (absent(${processStart}) and on () (max(${up}) == 1))`,
        for: LIMITS.down.vanishedFor,
        labels: { severity: 'critical', scope: 'installation' },
        annotations: annotate(down, bases, {
          summary: 'Prometheus knows no SeqPulse service at all.',
          description: `No target of a job that matches "${JOBS}" delivers the metrics of a service: the target list is empty, the job has another name, or a Collector answers that no service reports to.`,
          perEnvironment: false,
        }),
      },
      {
        alert: down,
        expr: `${up} == 0 and on (environment, job) (${byJob('max', up)} == 1)`,
        for: LIMITS.down.oneReplicaFor,
        labels: { severity: 'warning', scope: 'replica' },
        annotations: annotate(down, bases, {
          summary: 'One replica of SeqPulse cannot be reached, others can.',
          description:
            'Replica {{ $labels.instance }} in environment {{ $labels.environment }} does not answer Prometheus; the others carry its load.',
        }),
      },
      {
        alert: unreachable,
        // The service itself says that it lives and leaves out what it can't ask the database.
        expr: `${byEnvironment('count', processStart)} unless on (environment) ${series(catalog.jobsPending)}`,
        for: LIMITS.databaseUnreachable.for,
        labels: { severity: 'critical' },
        annotations: annotate(unreachable, bases, {
          summary: 'SeqPulse runs but its database does not answer.',
          description:
            'None of the {{ printf "%.0f" $value }} replicas in environment {{ $labels.environment }} could ask the database how many jobs wait: triggers fail and nothing is observed.',
        }),
      },
      {
        alert: clock,
        // Each replica for itself: of two clocks that are wrong in opposite ways the mean is right.
        expr: `max by (${ENVIRONMENT_LABEL}, instance) (abs(${series(catalog.clockOffset)})) > ${LIMITS.clockOffset.seconds}`,
        for: LIMITS.clockOffset.for,
        labels: { severity: 'warning' },
        annotations: annotate(clock, bases, {
          summary: 'The clock of a replica of SeqPulse is wrong.',
          description: `The clock of replica {{ $labels.instance }} in environment {{ $labels.environment }} and that of the database are {{ $value | humanizeDuration }} apart (limit ${LIMITS.clockOffset.seconds} s): further apart it takes no jobs.`,
        }),
      },
    ],
  };
}
