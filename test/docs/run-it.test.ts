import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../../harness/free-ports.ts';
import { until } from '../../harness/until.ts';
import { REGISTRY_ACCESS } from '../support/registry-access.ts';
import { startProgram } from '../support/started-program.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-it-'));
  // As root the database runs as somebody else, who must get through.
  await chmod(folder, 0o711);
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter(Boolean)) {
    // One that was deleted and not yet committed is still listed.
    await cp(file, join(folder, file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

/** What the section says to paste: commands for the service's terminal, for another one, and the application that stands in. */
async function pasted() {
  const readme = await readFile('README.md', 'utf8');
  const section = readme.slice(readme.indexOf('\n## Run it'));
  const [start, steps] = [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, commands]) => commands);
  const application = /`(node -e [^`]*)`/.exec(section)?.[1];
  if (start === undefined || steps === undefined || application === undefined)
    throw new Error('README.md reads otherwise');
  return { start, steps, application };
}

test('"Run it", pasted in a fresh folder, ends in a verdict on an application of the same machine', async () => {
  const { start, steps, application } = await pasted();
  const [service, observed] = (await freePorts(2)).map(String) as [string, string];
  const adapted = (commands: string) => [
    'bash',
    '-c',
    `cd '${folder}'\n${commands.replaceAll('8000', service).replaceAll('9000', observed).replace('sleep 30 ', 'sleep 8 ')}`,
  ];
  const PATH = `${dirname(process.execPath)}:${process.env.PATH}`;
  const env = {
    ...REGISTRY_ACCESS,
    PATH,
    HOST: '127.0.0.1',
    PORT: service,
    SEQPULSE_PRE_INTERVAL_SECONDS: '1',
    SEQPULSE_POST_INTERVAL_SECONDS: '1',
  };

  await using app = startProgram(adapted(application), { env });
  await using seqpulse = startProgram(adapted(start), { env });
  const isServed = async (port: string) =>
    await fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until('the application answers', 60, async () => await isServed(observed));
  await until('the service is ready', 540, async () => {
    const ended = await Promise.race([seqpulse.exited, new Promise<null>((resolve) => setTimeout(resolve, 0, null))]);
    if (ended !== null) throw new Error(`it ended with ${ended}: ${seqpulse.output()}`);
    return await isServed(service);
  });

  await using terminal = startProgram(adapted(steps), { env });
  expect(await terminal.exited).toBe(0);
  const [created, triggered, finished, read] = terminal
    .output()
    .split(/\n|(?<=\})(?=\{)/)
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  expect(created).toMatchObject({
    api_key: expect.any(String),
    metrics_endpoint: `http://localhost:${observed}/metrics`,
  });
  expect(created.message).toBeUndefined();
  expect(triggered).toEqual({ deployment_id: expect.any(String), status: 'created', message: null });
  expect(finished).toMatchObject({ status: 'accepted' });
  expect(read).toMatchObject({ id: triggered.deployment_id, state: 'analyzed', verdict: { verdict: 'ok' } });
  seqpulse.signalGroup('SIGINT');
  await seqpulse.exited;
  app.signalGroup('SIGTERM');
  await app.exited;
  await seqpulse.nothingLeft();
});
