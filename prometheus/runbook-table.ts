import { type AlertName, DEFAULT_LINK_BASES } from './alert-catalog.ts';
import { alertGroups } from './render-rules.ts';
import type { AlertRule } from './rule.ts';

const BEGIN = '<!-- rules -->';
const END = '<!-- /rules -->';

/**
 * The page with its table of rules renewed: when the alert fires, in the words that Prometheus has. Throws when the page
 * has no place for it (two comment lines).
 */
export function withRuleTable(page: string, alert: AlertName): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the runbook of ${alert} has no lines ${BEGIN} and ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${ruleTable(alert)}\n\n${page.slice(end)}`;
}

function ruleTable(alert: AlertName): string {
  const rules = alertGroups(DEFAULT_LINK_BASES)
    .flatMap((group) => group.rules)
    .filter((rule): rule is AlertRule => 'alert' in rule && rule.alert === alert);
  const rows = rules.map((rule) => `| ${urgency(rule)} | ${condition(rule.expr)} | ${rule.for ?? 'at once'} |`);
  return ['| Urgency | Fires when | For |', '|---|---|---|', ...rows].join('\n');
}

function urgency({ labels: { severity, ...more } }: AlertRule): string {
  return [severity, ...Object.entries(more).map(([name, value]) => `${name} \`${value}\``)].join(', ');
}

/** A pipe would end the cell. */
function condition(expr: string): string {
  return `\`${expr.replaceAll('\n', ' ').replaceAll('|', '\\|')}\``;
}
