import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { findMonitoringPrograms, runProgram } from '../../harness/monitoring-programs.ts';
import { ALERT_NAMES } from '../../prometheus/alert-catalog.ts';

const FOLDER = fileURLToPath(new URL('../../alertmanager', import.meta.url));
const committed = readFileSync(join(FOLDER, 'alertmanager.yml'), 'utf8');

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'seqpulse-alertmanager-'));
});
afterAll(() => rmSync(scratch, { recursive: true }));

/** Runs start.sh with `true` in Alertmanager's place: it prints nothing but what start.sh itself says. */
async function start(env: Readonly<Record<string, string>>) {
  const rendered = join(scratch, 'rendered.yml');
  const settings = { ALERTMANAGER_PROGRAM: 'true', ALERTMANAGER_RENDERED: rendered, ...env };
  const assignments = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const { ok, output } = await runProgram('/usr/bin/env', [...assignments, 'sh', join(FOLDER, 'start.sh')]);
  return { ok, output, rendered };
}

const SECRET_URL = "https://hooks.example.org/T0/it's%20a?secret=$1&x=\\n#{{.}}";

test('start.sh makes receivers of the environment and keeps routes and inhibitions as they are', async () => {
  const { ok, output, rendered } = await start({
    ALERT_WEBHOOK_URL: SECRET_URL,
    ALERT_SLACK_URL: SECRET_URL,
    ALERT_SLACK_CHANNEL: '#on-call',
    ALERT_HEARTBEAT_URL: SECRET_URL,
  });
  expect({ ok, output }).toEqual({ ok: true, output: '' });
  const config = parse(readFileSync(rendered, 'utf8'));
  const { receivers: _, ...rest } = parse(committed);
  expect(config).toMatchObject(rest);
  const webhook = { url: SECRET_URL, send_resolved: true };
  const slack = { api_url: SECRET_URL, send_resolved: true, channel: '#on-call' };
  expect(config.receivers).toMatchObject([
    { name: 'team', webhook_configs: [webhook], slack_configs: [slack] },
    { name: 'heartbeat', webhook_configs: [webhook] },
  ]);
});

test('start.sh lets only its own user read the receivers, whose URLs are secrets', async () => {
  const { rendered } = await start({ ALERT_WEBHOOK_URL: SECRET_URL });
  expect(statSync(rendered).mode & 0o777).toBe(0o600);
});

test('start.sh keeps the URLs out of Alertmanager’s arguments and environment', async () => {
  const fake = join(scratch, 'fake-alertmanager');
  writeFileSync(fake, '#!/bin/sh\necho "$@"; env\n', { mode: 0o700 });
  const { ok, output } = await start({
    ALERTMANAGER_PROGRAM: fake,
    ALERT_WEBHOOK_URL: SECRET_URL,
    ALERT_SLACK_URL: SECRET_URL,
    ALERT_SLACK_CHANNEL: '#on-call',
    ALERT_HEARTBEAT_URL: SECRET_URL,
  });
  expect(ok).toBe(true);
  expect(output).toContain('--config.file=');
  expect(output).not.toMatch(/ALERT_|secret/);
});

test('start.sh says that nobody hears of alerts when no receiver is named', async () => {
  const { ok, output, rendered } = await start({});
  expect(ok).toBe(true);
  expect(output).toContain('ALERT_WEBHOOK_URL');
  expect(parse(readFileSync(rendered, 'utf8')).receivers).toEqual([{ name: 'team' }, { name: 'heartbeat' }]);
});

test.each([
  ['ALERT_WEBHOOK_URL', 'hooks.example.org/secret'],
  ['ALERT_SLACK_URL', 'https://'],
  ['ALERT_SLACK_URL', 'https://hooks.example.org/secret\n  - name: another'],
  ['ALERT_HEARTBEAT_URL', 'ftp://secret'],
])('start.sh refuses a wrong %s by name, without printing it', async (name, value) => {
  const { ok, output } = await start({ [name]: value });
  expect(ok).toBe(false);
  expect(output).toContain(`${name} must be a URL`);
  expect(output).not.toContain('secret');
});

test('routes and inhibitions name only alerts that exist', () => {
  const names = committed.match(/SeqPulse[A-Za-z]+/g) ?? [];
  expect(names.filter((name) => !(ALERT_NAMES as string[]).includes(name))).toEqual([]);
});

const programs = findMonitoringPrograms('the tests of Alertmanager’s configuration by amtool are', ['amtool']);

describe.skipIf(programs.missing)('amtool', () => {
  const amtool = async (...args: string[]) => await runProgram(programs.path('amtool'), args);

  test('accepts the configuration as it is committed and as start.sh completes it', async () => {
    expect(await amtool('check-config', join(FOLDER, 'alertmanager.yml'))).toMatchObject({ ok: true });
    const { rendered } = await start({
      ALERT_WEBHOOK_URL: 'http://127.0.0.1:1/',
      ALERT_SLACK_URL: 'https://hooks.example.org/T0',
      ALERT_SLACK_CHANNEL: '#on-call',
      ALERT_HEARTBEAT_URL: 'http://127.0.0.1:2/',
    });
    expect(await amtool('check-config', rendered)).toMatchObject({ ok: true });
  });

  test.each([
    ['SeqPulseWatchdog', 'info', 'heartbeat'],
    ['SeqPulseDown', 'critical', 'team'],
    ['SeqPulseHttpLatencyHigh', 'warning', 'team'],
    ['SeqPulseSchedulerPendingHigh', 'info', 'team'],
  ])('sends %s (%s) to %s', async (alert, severity, receiver) => {
    const file = join(FOLDER, 'alertmanager.yml');
    const args = ['config', 'routes', 'test', '--config.file', file, `--verify.receivers=${receiver}`];
    expect(await amtool(...args, `alertname=${alert}`, `severity=${severity}`)).toMatchObject({ ok: true });
  });
});
