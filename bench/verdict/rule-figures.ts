import type { RuleName } from '../../src/verdict/rules/index.ts';
import type { Ablation } from './ablation.ts';

const LINE = /^\/\/ Measured \(bench\/verdict\/results\/ablation\.json\): .*\n\n?/m;

/** What a rule costs and finds by itself, as one comment. */
export function ruleFigures(name: RuleName, { healthy, regressed, rules }: Ablation): string {
  const { falseAlarms, falseAlone, hits, hitsAlone } = rules[name];
  const costs = `${falseAlarms} false alarms on ${healthy} healthy cases, ${falseAlone} by it alone`;
  return `// Measured (bench/verdict/results/ablation.json): ${costs}; ${hits} of ${regressed} faults, ${hitsAlone} by it alone.`;
}

/** The text of a rule's file with that comment as its first line. */
export function withRuleFigures(text: string, name: RuleName, ablation: Ablation): string {
  return `${ruleFigures(name, ablation)}\n\n${text.replace(LINE, '')}`;
}
