import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { scaleDuration } from './durations.ts';
import { expressionMutations } from './expression-mutations.ts';

/** A rule as the YAML file has it. */
export interface Rule {
  alert?: string;
  record?: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}
export interface RuleFile {
  readonly groups: { name: string; rules: Rule[] }[];
}
/** File name → content. */
export type RuleFiles = Readonly<Record<string, RuleFile>>;

export interface Mutant {
  /** What was changed, such as `SeqPulseDown (critical): for 2m → 1m`. */
  readonly description: string;
  /** Alert or recorded name of the changed rule. */
  readonly rule: string;
  readonly files: RuleFiles;
}

export const PROMETHEUS_FOLDER = fileURLToPath(new URL('..', import.meta.url));

export function readRuleFiles(): RuleFiles {
  const folder = join(PROMETHEUS_FOLDER, 'rules');
  const names = readdirSync(folder).filter((name) => name.endsWith('.yml'));
  return Object.fromEntries(names.map((name) => [name, parse(readFileSync(join(folder, name), 'utf8')) as RuleFile]));
}

/** Each mutant is the rules with exactly one change. */
export function mutantsOf(files: RuleFiles): Mutant[] {
  const mutants: Mutant[] = [];
  for (const [file, { groups }] of Object.entries(files)) {
    groups.forEach((group, groupIndex) => {
      group.rules.forEach((rule, ruleIndex) => {
        for (const { change, mutated } of ruleMutations(rule)) {
          const copy = structuredClone(files);
          copy[file]?.groups[groupIndex]?.rules.splice(ruleIndex, 1, ...mutated);
          mutants.push({
            description: `${title(rule)}: ${change}`,
            rule: rule.alert ?? rule.record ?? '',
            files: copy,
          });
        }
      });
    });
  }
  return mutants;
}

function title(rule: Rule): string {
  const labels = Object.values(rule.labels ?? {}).join(', ');
  return `${rule.alert ?? rule.record}${labels === '' ? '' : ` (${labels})`}`;
}

function ruleMutations(rule: Rule): { change: string; mutated: Rule[] }[] {
  return [
    { change: 'removed', mutated: [] },
    ...expressionMutations(rule.expr).map(({ change, expr }) => ({ change, mutated: [{ ...rule, expr }] })),
    ...holdMutations(rule),
    ...Object.entries(rule.labels ?? {}).map(([name, value]) => ({
      change: `label ${name}=${value} changed`,
      mutated: [{ ...rule, labels: { ...rule.labels, [name]: 'mutant' } }],
    })),
    ...Object.entries(rule.annotations ?? {}).map(([name, value]) => ({
      change: `annotation ${name} changed`,
      mutated: [{ ...rule, annotations: { ...rule.annotations, [name]: `${value}!` } }],
    })),
  ];
}

function holdMutations(rule: Rule): { change: string; mutated: Rule[] }[] {
  if (rule.for === undefined) return rule.alert === undefined ? [] : [hold(rule, '1m')];
  return [hold(rule, scaleDuration(rule.for, 0.5)), hold(rule, scaleDuration(rule.for, 1.5))];
}

function hold(rule: Rule, duration: string): { change: string; mutated: Rule[] } {
  return { change: `for ${rule.for ?? '0s'} → ${duration}`, mutated: [{ ...rule, for: duration }] };
}
