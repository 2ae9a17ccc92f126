import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findMonitoringPrograms, runProgram } from '../../harness/monitoring-programs.ts';
import { DEFAULT_LINK_BASES } from '../../prometheus/alert-catalog.ts';
import { mutantsOf, PROMETHEUS_FOLDER, readRuleFiles } from '../../prometheus/mutation/mutants.ts';
import { runMutant, testFilesFor } from '../../prometheus/mutation/run-mutant.ts';
import { renderRuleFiles } from '../../prometheus/render-rules.ts';

const TEST_FILES = readdirSync(join(PROMETHEUS_FOLDER, 'tests'));

test('the committed rule files are what prometheus/*.ts say', () => {
  const committed = Object.fromEntries(
    readdirSync(join(PROMETHEUS_FOLDER, 'rules')).map((name) => [
      name,
      readFileSync(join(PROMETHEUS_FOLDER, 'rules', name), 'utf8'),
    ]),
  );
  expect(committed).toEqual(renderRuleFiles(DEFAULT_LINK_BASES));
});

test('rules for another installation carry its addresses and are otherwise the same', () => {
  const bases = {
    ...DEFAULT_LINK_BASES,
    grafana: 'https://grafana.example.org',
    runbooks: 'https://wiki.example.org/seqpulse',
    extension: '',
  };
  const theirs = renderRuleFiles(bases)['seqpulse-alerts.yml'] ?? '';
  expect(theirs).not.toContain('localhost');
  expect(
    theirs
      .replaceAll(bases.grafana, DEFAULT_LINK_BASES.grafana)
      .replaceAll(/https:\/\/wiki\.example\.org\/seqpulse(\/\w+)/g, `${DEFAULT_LINK_BASES.runbooks}$1.html`),
  ).toBe(renderRuleFiles(DEFAULT_LINK_BASES)['seqpulse-alerts.yml']);
});

const programs = findMonitoringPrograms('the tests of the alert rules by promtool are', ['promtool']);

// At the same time: each is a process that uses one core.
describe.skipIf(programs.missing).concurrent('promtool', () => {
  const promtool = async (...args: string[]) => await runProgram(programs.path('promtool'), args, PROMETHEUS_FOLDER);

  test('accepts the configuration with its rules and target files', async () => {
    const checked = await promtool('check', 'config', 'prometheus.yml');
    expect(checked).toMatchObject({ ok: true });
    expect(checked.output).toContain('2 rule files found');
  });

  test('finds no fault and no duplicate in the rules', async () => {
    const files = readdirSync(join(PROMETHEUS_FOLDER, 'rules')).map((name) => join('rules', name));
    expect(await promtool('check', 'rules', '--lint=all', '--lint-fatal', ...files)).toMatchObject({ ok: true });
  });

  test.each(TEST_FILES)(
    'sees every expectation met of %s',
    async (file) => {
      const tested = await promtool('test', 'rules', join('tests', file));
      expect(tested.ok, tested.output).toBe(true);
    },
    120_000,
  );

  // All of them: npm run mutate:rules, half an hour.
  test.each([
    'SeqPulseSchedulerBacklog (warning): 10 → 11',
    'SeqPulseSchedulerJobsFailed (warning): 15m → 450s',
    'SeqPulseDown (critical, environment): for 2m → 60s',
    'SeqPulseSchedulerPendingHigh (info): label severity=info changed',
    'environment:seqpulse_scheduler_jobs_overdue:max: max → sum',
    'environment:seqpulse_scheduler_jobs_overdue:max: job=~"seqpulse.*" → dropped',
    'environment:seqpulse_scheduler_jobs_overdue:max: environment → dropped',
  ])(
    'turns red when the rules are changed: %s',
    async (description) => {
      const [mutant] = mutantsOf(readRuleFiles()).filter((candidate) => candidate.description.startsWith(description));
      if (mutant === undefined) throw new Error('no such mutant');
      expect(await runMutant(mutant, testFilesFor(mutant), programs.path('promtool'))).toBe(true);
    },
    120_000,
  );
});
