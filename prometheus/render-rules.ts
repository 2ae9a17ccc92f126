import { stringify } from 'yaml';
import type { LinkBases } from './alert-catalog.ts';
import { availabilityAlerts } from './alerts-availability.ts';
import { capacityAlerts } from './alerts-capacity.ts';
import { errorAndLatencyAlerts } from './alerts-errors-and-latency.ts';
import { informationAlerts } from './alerts-information.ts';
import { saturationAlerts } from './alerts-saturation.ts';
import { JOBS, SELECTORS } from './limits.ts';
import { recordingRules } from './recording-rules.ts';
import type { RuleGroup } from './rule.ts';

const HEADER = '# Generated from prometheus/limits.ts and the rules beside it: edit those, then `npm run generate`.\n';

/** The alerts, most urgent kind first. */
export function alertGroups(bases: LinkBases): RuleGroup[] {
  return [
    availabilityAlerts(bases),
    saturationAlerts(bases),
    errorAndLatencyAlerts(bases),
    capacityAlerts(bases),
    informationAlerts(bases),
  ];
}

/**
 * File name → text, as Prometheus reads them. The same input gives the same bytes.
 *
 * @param jobs which jobs are the service: a regular expression of Prometheus, without quotes and backslashes.
 */
export function renderRuleFiles(bases: LinkBases, jobs = JOBS): Record<string, string> {
  return {
    'seqpulse-recording.yml': render(ofJobs([recordingRules()], jobs)),
    'seqpulse-alerts.yml': render(ofJobs(alertGroups(bases), jobs)),
  };
}

/** The same rules about other jobs. */
function ofJobs(groups: readonly RuleGroup[], jobs: string): RuleGroup[] {
  return groups.map(({ name, rules }) => ({
    name,
    rules: rules.map((rule) => {
      const expr = rule.expr.replaceAll(SELECTORS.job, () => `job=~"${jobs}"`);
      if (!('alert' in rule)) return { ...rule, expr };
      const description = rule.annotations.description.replaceAll(`"${JOBS}"`, () => `"${jobs}"`);
      return { ...rule, expr, annotations: { ...rule.annotations, description } };
    }),
  }));
}

function render(groups: readonly RuleGroup[]): string {
  return HEADER + stringify({ groups }, { lineWidth: 0, blockQuote: 'literal', aliasDuplicateObjects: false });
}
