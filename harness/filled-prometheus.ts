import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findMonitoringPrograms } from './monitoring-programs.ts';
import { type MonitoringServer, startMonitoringServer } from './monitoring-server.ts';

/** A Prometheus that scrapes nothing and holds the samples of an OpenMetrics file, whatever their time. */
export async function startPrometheusOfBlocks(openMetricsFile: string): Promise<MonitoringServer> {
  const programs = findMonitoringPrograms('what needs a filled Prometheus is', ['prometheus', 'promtool']);
  return await startMonitoringServer({
    command({ address, dataFolder }) {
      const data = join(dataFolder, 'data');
      mkdirSync(data);
      const config = join(dataFolder, 'prometheus.yml');
      writeFileSync(config, 'scrape_configs: []\n');
      const args = ['tsdb', 'create-blocks-from', 'openmetrics', openMetricsFile, data];
      execFileSync(programs.path('promtool'), args, { stdio: 'pipe' });
      return [
        programs.path('prometheus'),
        `--config.file=${config}`,
        `--storage.tsdb.path=${data}`,
        '--storage.tsdb.retention.time=100y',
        `--web.listen-address=${address}`,
      ];
    },
  });
}
