/**
 * `npm run compare:paths`: are the metrics the same whether Prometheus scrapes the service or the Collector? Runs the
 * real service, Collector and Prometheus with this repository's configuration, prints a table and the count of
 * differences; exit code 1 when there is one. Takes about a minute.
 *
 * `npm run compare:paths -- otlp-receiver` holds the scrape against Prometheus' own OTLP receiver (Prometheus 3).
 */
import { existsSync } from 'node:fs';
import { findMonitoringPrograms } from '../../harness/monitoring-programs.ts';
import { runOwning } from '../../harness/ownership/run-owning.ts';
import { openEmbeddedDatabase } from '../../src/embedded-postgres/embedded-database.ts';
import { collectorProgramPath } from '../program.ts';
import { comparisonTable } from './report.ts';
import { comparePaths } from './run.ts';

async function main(folder: string): Promise<number> {
  const programs = findMonitoringPrograms('the comparison is', ['prometheus']);
  if (programs.missing) return 1;
  const otherWay = process.argv[2] === 'otlp-receiver' ? 'otlp-receiver' : 'collector';
  if (otherWay === 'collector' && !existsSync(collectorProgramPath())) {
    console.error('The Collector is not built: npm run collector:build');
    return 1;
  }
  await using opened = new AsyncDisposableStack();
  const database = await openEmbeddedDatabase({ dataDir: folder, log: () => {} });
  opened.defer(async () => await database.close());
  const comparison = await comparePaths(database.connectionString, programs, otherWay);
  console.log(comparisonTable(comparison));
  return comparison.differences === 0 ? 0 : 1;
}

await runOwning('compare-paths', async ({ folder }) => await main(folder));
