import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleCommandLine, type CommandLine } from '../support/command-line.ts';
import { useStage } from '../support/fixtures.ts';
import { startProgram } from '../support/started-program.ts';

const stage = useStage({
  SEQPULSE_PRE_INTERVAL_SECONDS: '0.1',
  SEQPULSE_POST_INTERVAL_SECONDS: '0.3',
  SEQPULSE_RETRY_DELAYS_SECONDS: '0.1',
});

let cli: CommandLine;
beforeAll(async () => {
  cli = await bundleCommandLine();
});
afterAll(() => rmSync(cli.folder, { recursive: true }));

const ESCAPE = '\u001b';
/** What draws the live line. */
const REDRAWN = `\r${ESCAPE}[2K`;

/** `seqpulse run -- true` on a pseudo-terminal (`script` of util-linux) or on a pipe: all that it wrote, and its exit code. */
async function run(place: 'terminal' | 'pipe', env: Readonly<Record<string, string>> = {}) {
  const project = await stage.api.newProject({
    name: `terminal ${place} ${JSON.stringify(env)}`,
    endpoint: stage.app.url,
    baseline: 'at_trigger',
  });
  const command = [process.execPath, cli.path, 'run', '--', 'true'];
  const onTerminal = [
    'script',
    '--quiet',
    '--flush',
    '--return',
    '--command',
    `exec ${command.join(' ')}`,
    '/dev/null',
  ];
  await using program = startProgram(place === 'terminal' ? onTerminal : command, {
    env: {
      SEQPULSE_URL: stage.running.service.url,
      SEQPULSE_API_KEY: project.apiKey,
      ...(place === 'terminal' ? { TERM: 'xterm' } : {}),
      ...env,
    },
  });
  const code = await program.exited;
  return { code, output: program.output() };
}

test('on a terminal one live line counts the readings, and is gone before the report', async () => {
  const { code, output } = await run('terminal');
  expect(code).toBe(0);
  expect(output).toContain(REDRAWN);
  expect(output).toMatch(/of 5 readings after/);
  expect(output).toContain(`${ESCAPE}[32m`);
  const report = output.lastIndexOf('The gate passed.');
  expect(report).toBeGreaterThan(output.lastIndexOf(REDRAWN));
});

test('with NO_COLOR the line is drawn without a colour', async () => {
  const { code, output } = await run('terminal', { NO_COLOR: '1' });
  expect(code).toBe(0);
  expect(output).toContain(REDRAWN);
  expect(output.replaceAll(`${ESCAPE}[2K`, '')).not.toContain(ESCAPE);
});

test.each([
  ['pipe', {}],
  ['terminal', { CI: 'true', NO_COLOR: '1' }],
  ['terminal', { TERM: 'dumb' }],
] as const)('on a %s with %j there are plain lines, nothing is drawn over', async (place, env) => {
  const { code, output } = await run(place, env);
  expect(code).toBe(0);
  expect(output).not.toContain(ESCAPE);
  expect(output).toMatch(/^seqpulse .*readings after, verdict in/m);
  expect(output).toContain('The gate passed.');
});
