import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findMonitoringPrograms } from '../harness/monitoring-programs.ts';
import { type MonitoringServer, startPrometheus } from '../harness/monitoring-server.ts';

const HOW_TO_INSTALL = `The demo with a Prometheus needs the program prometheus, and finds none on PATH:
  Debian, Ubuntu   apt-get install prometheus
  macOS            brew install prometheus
  elsewhere        https://prometheus.io/download
Without it: npm run demo`;

/** null: it is not installed, and how it can be is said. */
export function findPrometheus(): string | null {
  const programs = findMonitoringPrograms('the demo with a Prometheus is', ['prometheus']);
  if (!programs.missing) return programs.path('prometheus');
  console.error(HOW_TO_INSTALL);
  return null;
}

/** Scrapes each application once a second, as a job of its project's name. */
export async function startDemoPrometheus(
  program: string,
  folder: string,
  ports: Readonly<Record<string, number>>,
): Promise<MonitoringServer> {
  const jobs = Object.entries(ports).map(
    ([project, port]) => `  - { job_name: ${project}, static_configs: [{ targets: ['127.0.0.1:${port}'] }] }\n`,
  );
  writeFileSync(join(folder, 'prometheus.yml'), `global: { scrape_interval: 1s }\nscrape_configs:\n${jobs.join('')}`);
  return await startPrometheus(program, folder);
}
