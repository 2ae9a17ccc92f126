import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { type Mutant, PROMETHEUS_FOLDER, type Rule, type RuleFiles } from './mutants.ts';

const TESTS_FOLDER = join(PROMETHEUS_FOLDER, 'tests');

/** The rule tests that could notice: those that name the rule or an alert that reads it, the shortest first. */
export function testFilesFor(mutant: Mutant): string[] {
  const readers = Object.values(mutant.files)
    .flatMap(({ groups }) => groups.flatMap(({ rules }) => rules))
    .filter((rule) => rule.expr.includes(mutant.rule))
    .map((rule) => rule.alert ?? rule.record ?? '');
  const names = [mutant.rule, ...readers];
  return readdirSync(TESTS_FOLDER)
    .filter((file) => names.some((name) => readFileSync(join(TESTS_FOLDER, file), 'utf8').includes(name)))
    .sort((a, b) => statSync(join(TESTS_FOLDER, a)).size - statSync(join(TESTS_FOLDER, b)).size);
}

/**
 * True when a test turns red. Throws when Prometheus would not even load the mutant: that would prove nothing.
 *
 * @param promtool its path or name.
 */
export async function runMutant(mutant: Mutant, testFiles: readonly string[], promtool: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'seqpulse-mutant-'));
  try {
    mkdirSync(join(folder, 'rules'));
    cpSync(TESTS_FOLDER, join(folder, 'tests'), { recursive: true });
    const ruleFiles = writeRules(folder, mutant.files, () => true);
    if (!(await succeeds(promtool, ['check', 'rules', '--lint=none', ...ruleFiles]))) {
      throw new Error(`not a valid rule: ${mutant.description}`);
    }
    for (const file of testFiles) {
      const test = join(folder, 'tests', file);
      writeRules(folder, mutant.files, usedBy(readFileSync(test, 'utf8'), mutant.files));
      if (!(await succeeds(promtool, ['test', 'rules', test]))) return true;
    }
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Writes the rules that `wanted` picks and returns the paths of the files. */
function writeRules(folder: string, files: RuleFiles, wanted: (rule: Rule) => boolean): string[] {
  return Object.entries(files).map(([name, { groups }]) => {
    const path = join(folder, 'rules', name);
    const picked = groups.map((group) => ({ ...group, rules: group.rules.filter(wanted) }));
    writeFileSync(path, stringify({ groups: picked }));
    return path;
  });
}

/** The rules that a test names and what those read. The others cost two thirds of the time and prove nothing. */
function usedBy(test: string, files: RuleFiles): (rule: Rule) => boolean {
  const rules = Object.values(files).flatMap(({ groups }) => groups.flatMap((group) => group.rules));
  const named = rules.filter((rule) => test.includes(rule.alert ?? rule.record ?? ''));
  return (rule) => {
    const { record } = rule;
    return named.includes(rule) || (record !== undefined && named.some(({ expr }) => expr.includes(record)));
  };
}

async function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  try {
    await promisify(execFile)(program, args, { maxBuffer: 16 << 20 });
    return true;
  } catch (error) {
    if (typeof (error as { code?: unknown }).code !== 'number') throw error;
    return false;
  }
}
