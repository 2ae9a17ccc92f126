import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../harness/until.ts';
import { bundleCommandLine, type CommandLine } from '../support/command-line.ts';
import { useStage } from '../support/fixtures.ts';
import { startProgram } from '../support/started-program.ts';

const stage = useStage();

let cli: CommandLine;
beforeAll(async () => {
  cli = await bundleCommandLine();
});
afterAll(() => rmSync(cli.folder, { recursive: true }));

/** A command that has started another one in the background, and what it does about signals. */
const COMMANDS = {
  'ends by itself': 'sleep 600 & echo ready; wait',
  'has a last word': 'trap "echo told; exit 3" INT TERM; sleep 600 & echo ready; wait; wait',
  'does not listen': 'trap "" INT TERM; (trap "" INT TERM; sleep 600) & echo ready; while :; do sleep 1; done',
};

test.each([
  ['SIGINT', 130, 'has a last word'],
  ['SIGTERM', 143, 'ends by itself'],
  ['SIGTERM', 143, 'does not listen'],
] as const)(
  '%s (exit code %i) to a command that %s: it gets it, the deployment is cancelled, nothing goes on',
  async (signal, code, kind) => {
    const project = await stage.api.newProject({ name: `signals ${signal} ${kind}`, endpoint: stage.app.url });
    const command = [process.execPath, cli.path, 'run', '--', 'sh', '-c', COMMANDS[kind]];
    await using program = startProgram(command, {
      env: { SEQPULSE_URL: stage.running.service.url, SEQPULSE_API_KEY: project.apiKey },
    });
    await program.reaches('the command runs', () => program.output().includes('ready'));
    program.signal(signal);
    expect(await program.exited).toBe(code);
    await program.nothingLeft();
    if (kind === 'has a last word') expect(program.output()).toContain('told');
    const headers = { 'X-API-Key': project.apiKey };
    await until('it is cancelled', 10, async () => {
      const { items } = (await stage.api.request('GET', '/deployments', { headers })).body;
      return items[0].pipeline_outcome === 'cancelled';
    });
  },
);
