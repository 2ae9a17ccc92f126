import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { findMonitoringPrograms, runProgram } from '../../harness/monitoring-programs.ts';
import { readInstallationSettings } from '../../prometheus/installation-settings.ts';
import { JOBS } from '../../prometheus/limits.ts';
import { PROMETHEUS_FOLDER } from '../../prometheus/mutation/mutants.ts';

const GENERATE = fileURLToPath(new URL('../../scripts/generate.ts', import.meta.url));
const programs = findMonitoringPrograms('the tests of rules for jobs of other names are', ['promtool']);

/**
 * What SeqPulseDown and SeqPulseSchedulerJobsFailed say after 15 minutes in which a service, scraped as `job`, was up
 * and then gave up five jobs.
 */
async function alertsOf(rules: string, job: string): Promise<{ ok: boolean; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'seqpulse-job-'));
  const labels = `{job="${job}", instance="10.0.0.1:8000", environment="prod"}`;
  const firing = (name: string) => ({
    expr: `count(ALERTS{alertname="${name}",alertstate="firing"})`,
    eval_time: '15m',
  });
  const content = {
    rule_files: readdirSync(rules).map((name) => join(rules, name)),
    evaluation_interval: '15s',
    tests: [
      {
        interval: '15s',
        input_series: [
          { series: `up${labels}`, values: '1x80' },
          { series: `process_start_time_seconds${labels}`, values: '1000x80' },
          { series: `seqpulse_scheduler_jobs_failed_total${labels}`, values: '0x20 5x60' },
        ],
        promql_expr_test: [
          { ...firing('SeqPulseDown'), exp_samples: [] },
          { ...firing('SeqPulseSchedulerJobsFailed'), exp_samples: [{ labels: '{}', value: 1 }] },
        ],
      },
    ],
  };
  try {
    writeFileSync(join(folder, 'test.yml'), stringify(content));
    return await runProgram(programs.path('promtool'), ['test', 'rules', join(folder, 'test.yml')]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.skipIf(programs.missing)('the committed rules', () => {
  test.each(['seqpulse', 'seqpulse-backend', 'seqpulse-prod/http'])('watch a service whose job is %s', async (job) => {
    const { ok, output } = await alertsOf(join(PROMETHEUS_FOLDER, 'rules'), job);
    expect(ok, output).toBe(true);
  });

  test('take no other job for the service', async () => {
    expect((await alertsOf(join(PROMETHEUS_FOLDER, 'rules'), 'payments')).ok).toBe(false);
  });
});

describe('npm run generate -- --job … --out …', () => {
  const out = mkdtempSync(join(tmpdir(), 'seqpulse-installation-'));
  const generate = async (...args: string[]) => await runProgram(process.execPath, [GENERATE, ...args]);
  const settings = ['--job', 'payments-(a|b)', '--grafana', 'https://grafana.example.org/', '--out', out];

  beforeAll(async () => {
    const { ok, output } = await generate(...settings);
    expect(ok, output).toBe(true);
  });
  afterAll(() => rmSync(out, { recursive: true }));

  test('writes rules and dashboards that know no other job, and nothing else', () => {
    expect(readdirSync(out).sort()).toEqual(['dashboards', 'rules']);
    for (const folder of readdirSync(out)) {
      for (const name of readdirSync(join(out, folder))) {
        const text = readFileSync(join(out, folder, name), 'utf8');
        expect(text, name).not.toContain(JOBS);
        expect(text.includes('job=~'), name).toBe(/rules|operations|alerts|recording/.test(name));
      }
    }
    expect(readFileSync(join(out, 'rules/seqpulse-alerts.yml'), 'utf8')).toContain(
      'a job that matches "payments-(a|b)"',
    );
    expect(readFileSync(join(out, 'rules/seqpulse-alerts.yml'), 'utf8')).toContain('https://grafana.example.org/d/');
  });

  test.skipIf(programs.missing)('gives rules that watch that job', async () => {
    const { ok, output } = await alertsOf(join(out, 'rules'), 'payments-b');
    expect(ok, output).toBe(true);
    expect((await alertsOf(join(out, 'rules'), 'seqpulse-backend')).ok).toBe(false);
  });

  test('leaves the committed files as they are, also when the folder was forgotten', async () => {
    const before = readFileSync(join(PROMETHEUS_FOLDER, 'rules/seqpulse-alerts.yml'), 'utf8');
    expect(readInstallationSettings(['--job', 'payments'])).toMatchObject({ ok: false });
    expect(readInstallationSettings(['--job', 'payments', '--check', '--out', out])).toMatchObject({ ok: false });
    expect(readFileSync(join(PROMETHEUS_FOLDER, 'rules/seqpulse-alerts.yml'), 'utf8')).toBe(before);
  });

  test.each(['pay"ments', 'pay\\d', 'two words', ''])('refuses the pattern %j, which would break a query', (job) => {
    expect(readInstallationSettings(['--job', job, '--out', out])).toMatchObject({ ok: false });
  });

  test('refuses what it does not know', () => {
    expect(readInstallationSettings(['--jobs', 'payments'])).toMatchObject({ ok: false });
  });
});
