import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createApi } from '../../../harness/api.ts';
import { freePorts } from '../../../harness/free-ports.ts';
import { until } from '../../../harness/until.ts';
import { type Check, checked, docker } from './engine.ts';
import { targetHealth } from './prometheus-target.ts';

const PROJECT = 'seqpulse-check';
const MAX_SECONDS_TO_STOP = 10;
/** Where nothing else runs. */
const HEALTHY_SECONDS = 10;
/** The least that answers as docs/contract.md says. */
const APPLICATION = `require('http').createServer((_, answer) => answer.end(JSON.stringify({ metrics: { requests_per_sec: 12,
  latency_p95: 180, error_rate: 0.004, cpu_usage: 0.3, memory_usage: 0.5 } }))).listen(9000)`;
/** As the role that Grafana reads with. */
const READ_VIEWS = `const { default: pg } = await import('pg');
  const client = new pg.Client('postgres://grafana_reader:grafana_reader@postgres:5432/seqpulse');
  await client.connect();
  console.log((await client.query('select project from kpi.projects')).rows.map(({ project }) => project).join());
  await client.end();`;

/** Those that publish one, by their port in the container. */
const PORTS: Readonly<Record<string, number>> = { seqpulse: 8000, prometheus: 9090, alertmanager: 9093, grafana: 3000 };

/** Brings compose.yaml up with those of its services whose images the engine has, looks at what runs, and takes it down. */
export async function checkStack(folder: string, services: readonly string[]): Promise<Check[]> {
  const ports = await freePorts(Object.keys(PORTS).length);
  const portOf = (name: string): number => ports[Object.keys(PORTS).indexOf(name)] ?? 0;
  const override = join(folder, 'compose.check.yaml');
  // compose.yaml says `ports` and no `read_only`: a port may be taken here, and a root that is not written need not be.
  const changed = Object.entries(PORTS).map(([name, inside]) => [
    name,
    { ports: [`127.0.0.1:${portOf(name)}:${inside}`] },
  ]);
  const seqpulse = {
    ports: [`127.0.0.1:${portOf('seqpulse')}:8000`],
    read_only: true,
    environment: { SEQPULSE_PRE_INTERVAL_SECONDS: '0.2', SEQPULSE_POST_INTERVAL_SECONDS: '1' },
  };
  const text = stringify({ services: { ...Object.fromEntries(changed), seqpulse } });
  writeFileSync(override, text.replaceAll('ports:', 'ports: !override'));
  const compose = async (...args: string[]) =>
    await docker(['compose', '--project-name', PROJECT, '--file', 'compose.yaml', '--file', override, ...args]);
  const inService = async (name: string, ...command: string[]) => await compose('exec', '-T', name, ...command);
  const stateOf = async (name: string, format: string) =>
    await docker(['inspect', '--format', format, await compose('ps', '--all', '--quiet', name)]);
  const health = async () =>
    await until(
      'the service is healthy',
      HEALTHY_SECONDS,
      async () => (await stateOf('seqpulse', '{{.State.Health.Status}}')) === 'healthy',
    );
  try {
    const up = await checked(
      'is up and healthy',
      async () => {
        await compose('up', '--detach', '--no-build', ...services);
        return await health();
      },
      (isHealthy) => isHealthy,
    );
    if (!up.isRight)
      return [
        up,
        await checked(
          'its log',
          async () => await compose('logs', '--tail', '5'),
          () => false,
        ),
      ];
    return [
      up,
      await checked(
        'the root is read-only',
        async () => await stateOf('seqpulse', '{{.HostConfig.ReadonlyRootfs}}'),
        (isReadOnly) => isReadOnly === 'true',
      ),
      await checked(
        'a deployment passes the gate, by the command line in the image',
        async () => await lifecycle(inService, portOf('seqpulse')),
        (said) => said.includes('The gate passed.'),
      ),
      ...(services.includes('prometheus')
        ? [
            await checked(
              'Prometheus scrapes it',
              async () => await targetHealth(portOf('prometheus'), 'seqpulse-backend'),
              (state) => state === 'up',
            ),
          ]
        : []),
      await checked(
        'the role job ended well',
        async () =>
          await until('the role job has ended', 10, async () => {
            const state = await stateOf('grafana-role', '{{.State.Status}} {{.State.ExitCode}}');
            return state.startsWith('exited') ? state : null;
          }),
        (state) => state === 'exited 0',
      ),
      await checked(
        'and its role reads the views',
        async () => await inService('seqpulse', 'node', '--input-type=module', '--eval', READ_VIEWS),
        (names) => names === 'checked',
      ),
      await checked(
        'is healthy again after a restart, with what it had',
        async () => {
          await compose('restart', 'seqpulse');
          await health();
          return await inService('seqpulse', 'node', '--input-type=module', '--eval', READ_VIEWS);
        },
        (names) => names === 'checked',
      ),
      await checked(
        'SIGTERM: seconds, exit code',
        async () => {
          const startedAt = performance.now();
          await compose('stop', 'seqpulse');
          const seconds = (performance.now() - startedAt) / 1000;
          return { seconds, code: await stateOf('seqpulse', '{{.State.ExitCode}}') };
        },
        ({ seconds, code }) => seconds <= MAX_SECONDS_TO_STOP && code === '0',
      ),
    ];
  } finally {
    await compose('down', '--volumes', '--timeout', '5');
  }
}

/** A project whose application runs in the service's own container, and a deployment of it to its verdict; what was said. */
async function lifecycle(
  inService: (name: string, ...command: string[]) => Promise<string>,
  port: number,
): Promise<string> {
  const api = createApi(`http://127.0.0.1:${port}`, await inService('seqpulse', 'cat', '/data/admin-token'));
  await inService('seqpulse', 'sh', '-c', 'node --eval "$0" >/dev/null 2>&1 &', APPLICATION);
  const endpoint = 'http://seqpulse:9000/metrics';
  await until('the application answers', 10, async () => {
    return await inService('seqpulse', 'node', '--eval', `fetch('${endpoint}').then(() => console.log('yes'))`).catch(
      () => null,
    );
  });
  const { apiKey } = await api.newProject({ name: 'checked', endpoint, baseline: 'at_trigger' });
  const flags = ['--url', 'http://127.0.0.1:8000', '--key', apiKey, '--env', 'prod'];
  return await inService('seqpulse', 'sh', '-c', 'seqpulse run "$@" 2>&1', 'sh', ...flags, '--', 'true');
}
