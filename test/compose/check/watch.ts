import { freePorts } from '../../../harness/free-ports.ts';
import { startServiceProcess } from '../../../harness/service-process.ts';
import { type Check, checked, docker } from './engine.ts';
import { targetHealth } from './prometheus-target.ts';

const PROJECT = 'seqpulse-watch-check';
/** Both, because a container reaches the one otherwise than the other. */
const LISTENS_ON = ['0.0.0.0', '127.0.0.1'];

/** compose.watch.yaml beside a service on the host, whatever that listens on. Linux. */
export async function checkWatch(folder: string, services: readonly string[]): Promise<Check[]> {
  const checks: Check[] = [];
  for (const host of LISTENS_ON) {
    await using service = await startServiceProcess({ HOST: host, SEQPULSE_DATA_DIR: `${folder}/${host}` });
    const [prometheus = 0, alertmanager = 0, grafana = 0] = await freePorts(3);
    const env = {
      SEQPULSE_PORT: new URL(service.url).port,
      PROMETHEUS_PORT: String(prometheus),
      ALERTMANAGER_PORT: String(alertmanager),
      GRAFANA_PORT: String(grafana),
    };
    const compose = async (...args: string[]) =>
      await docker(['compose', '--project-name', PROJECT, '--file', 'compose.watch.yaml', ...args], env);
    try {
      checks.push(
        await checked(
          `compose.watch.yaml scrapes a service on ${host}`,
          async () => {
            await compose('up', '--detach', ...services);
            return await targetHealth(prometheus, 'seqpulse-backend');
          },
          (state) => state === 'up',
        ),
      );
    } finally {
      await compose('down', '--volumes', '--timeout', '5');
    }
  }
  return checks;
}
