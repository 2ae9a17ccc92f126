import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePorts } from '../../harness/free-ports.ts';
import { until } from '../../harness/until.ts';
import { START_ARGUMENTS } from '../../src/service/start-arguments.ts';
import { startProgram } from '../support/started-program.ts';

/** The service on a pseudo-terminal (`script` of util-linux), and on a pipe. */
const SERVICE = [process.execPath, ...START_ARGUMENTS];
const ON_A_TERMINAL = [
  'script',
  '--quiet',
  '--flush',
  '--return',
  '--command',
  `exec ${SERVICE.join(' ')}`,
  '/dev/null',
];

/** Removed at the end, so that each test sees a first start. */
let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'data-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

function start(command: readonly string[], env: Record<string, string> = {}) {
  const program = startProgram(command, { env: { HOST: '127.0.0.1', PORT: '0', TERM: 'xterm', ...env } });
  return program;
}

test('on a terminal each slow step of the first start has a word, and lines are made for reading', async () => {
  await using service = start(ON_A_TERMINAL, { SEQPULSE_DATA_DIR: dataDir });
  await service.reaches('its start', () => service.output().includes('SeqPulse listens on'));
  const steps = [
    'making the database',
    'starting the database',
    'bringing the tables up to date',
    'SeqPulse listens on',
  ];
  const places = steps.map((step) => service.output().indexOf(step));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places).not.toContain(-1);
  expect(service.output()).not.toContain('{"level"');
  expect(service.output()).toContain('\u001b[');
  service.type('\u0003');
  expect(await service.exited).toBe(0);
  expect(service.output()).toContain('stopped');
  await service.nothingLeft();
});

test('NO_COLOR leaves the colours out, LOG_LEVEL the steps', async () => {
  await using service = start(ON_A_TERMINAL, { SEQPULSE_DATA_DIR: dataDir, NO_COLOR: '1' });
  await service.reaches('its start', () => service.output().includes('SeqPulse listens on'));
  expect(service.output()).not.toContain('\u001b[');
  service.type('\u0003');
  expect(await service.exited).toBe(0);

  const [port] = await freePorts(1);
  await using silent = start(ON_A_TERMINAL, { SEQPULSE_DATA_DIR: dataDir, LOG_LEVEL: 'warn', PORT: String(port) });
  await until('it to serve', 30, async () => (await fetch(`http://127.0.0.1:${port}/livez`).catch(() => null))?.ok);
  silent.type('\u0003');
  await silent.exited;
  expect(silent.output()).not.toMatch(/starting|tables|listens/);
});

test('a pipe gets a line of JSON for each event, and none for the steps', async () => {
  await using service = start(SERVICE, { SEQPULSE_DATA_DIR: dataDir });
  await service.reaches('its start', () => service.output().includes('service_started'));
  service.signal('SIGTERM');
  expect(await service.exited).toBe(0);
  const lines = service.output().trim().split('\n');
  for (const line of lines)
    expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), event: expect.any(String) });
});
