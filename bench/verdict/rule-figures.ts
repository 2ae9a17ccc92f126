import type { RuleName } from '../../src/verdict/rules/index.ts';
import type { Ablation } from './ablation.ts';

const LINE = /^\/\/ Measured \(bench\/verdict\/results\/ablation\.json\): .*\n\n?/m;

/** What a rule costs and finds by itself, as one comment. */
export function ruleFigures(name: RuleName, { healthy, regressed, falseAlarms, hits, rules }: Ablation): string {
  const { only, without } = rules[name];
  const alone = `alone ${only.falseAlarms} false alarms on ${healthy} healthy cases, ${only.hits} of ${regressed} faults`;
  const rest = `without it ${without.falseAlarms} for ${falseAlarms}, ${without.hits} for ${hits}`;
  return `// Measured (bench/verdict/results/ablation.json): ${alone}; ${rest}.`;
}

/** The text of a rule's file with that comment as its first line. */
export function withRuleFigures(text: string, name: RuleName, ablation: Ablation): string {
  return `${ruleFigures(name, ablation)}\n\n${text.replace(LINE, '')}`;
}
