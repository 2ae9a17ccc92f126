import { stringify } from 'yaml';
import type { LinkBases } from './alert-catalog.ts';
import { availabilityAlerts } from './alerts-availability.ts';
import { capacityAlerts } from './alerts-capacity.ts';
import { errorAndLatencyAlerts } from './alerts-errors-and-latency.ts';
import { informationAlerts } from './alerts-information.ts';
import { saturationAlerts } from './alerts-saturation.ts';
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

/** File name → text, as Prometheus reads them. The same input gives the same bytes. */
export function renderRuleFiles(bases: LinkBases): Record<string, string> {
  return {
    'seqpulse-recording.yml': render([recordingRules()]),
    'seqpulse-alerts.yml': render(alertGroups(bases)),
  };
}

function render(groups: readonly RuleGroup[]): string {
  return HEADER + stringify({ groups }, { lineWidth: 0, blockQuote: 'literal', aliasDuplicateObjects: false });
}
