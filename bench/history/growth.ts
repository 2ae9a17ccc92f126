/**
 * How much longer a dashboard's SQL panels over all projects take where a hundred times as many deployments lie in the same
 * year: each panel in turn on a database of either size, in one run.
 *
 *   npm run bench:kpi
 *   BENCH_KPI_SIZES=10000,100000 npm run bench:kpi
 *   BENCH_KPI_SERVER=postgres://… npm run bench:kpi     on a server of one's own: the databases seqpulse_kpi_<size> stay there
 *                                                     and are filled only once
 *
 * Five minutes and 3 GB for a million. BENCH_KPI_DASHBOARDS: a folder of other dashboards, of an earlier commit for example.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type pg from 'pg';
import { expandSql } from '../../harness/dashboard-queries.ts';
import { migrate } from '../../src/db/connection/migrate.ts';
import { createKpiFacts } from '../../src/db/kpi-facts.ts';
import { createKpiHours } from '../../src/db/kpi-hours.ts';
import { createKpiTallies } from '../../src/db/kpi-tallies.ts';
import { connectTo, openBenchDatabase } from '../bench-database.ts';
import { generateHistory } from './generate-history.ts';
import { medianOf, sqlPanels } from './sql-panels.ts';

const PROJECTS = Array.from({ length: 1_000 }, (_, index) => `project-${String(index).padStart(4, '0')}`);
const DAYS = 365;
/** Of samples: what the range of the panels needs. */
const RANGE_DAYS = 30;
const ROUNDS = 7;
/** Weekends and projects that come later leave out about a third of what is asked for. */
const ASKED = 1.7;

const sizes = (process.env.BENCH_KPI_SIZES ?? '10000,1000000').split(',').map(Number);
const folder = process.env.BENCH_KPI_DASHBOARDS;
const dashboards =
  folder === undefined ? new URL('../../grafana/dashboards/', import.meta.url) : pathToFileURL(`${folder}/`);

const own = process.env.BENCH_KPI_SERVER;
const temporary = mkdtempSync(join(tmpdir(), 'seqpulse-bench-kpi-'));
const server = own === undefined ? await openBenchDatabase(join(temporary, 'data')) : null;
try {
  await compare(server?.connectionString ?? own ?? '');
} finally {
  await server?.close();
  rmSync(temporary, { recursive: true, force: true });
}

async function compare(serverUrl: string): Promise<void> {
  const clients: pg.Client[] = [];
  for (const size of sizes) clients.push(await filled(serverUrl, size));
  try {
    const newest = await Promise.all(
      clients.map(
        async (client) =>
          (await client.query<{ at: Date }>('select max(started_at) as at from seqpulse.deployments')).rows,
      ),
    );
    const to = new Date(Math.max(...newest.flat().map(({ at }) => at.getTime())));
    const range = { from: new Date(to.getTime() - RANGE_DAYS * 86_400_000), to };
    console.log(`panels over ${RANGE_DAYS} days of all projects, ms, median of ${ROUNDS}`);
    console.log(`${''.padEnd(58)}${sizes.map((size) => String(size).padStart(10)).join('')}${'ratio'.padStart(9)}`);
    for (const { title, sql, all } of sqlPanels(dashboards)) {
      const text = expandSql(sql, all, range);
      const times: number[][] = clients.map(() => []);
      for (let round = 0; round <= ROUNDS; round += 1) {
        for (const [index, client] of clients.entries()) {
          const startedMs = performance.now();
          await client.query(text);
          // The first only warms up.
          if (round > 0) times[index]?.push(performance.now() - startedMs);
        }
      }
      const medians = times.map(medianOf);
      const ratio = (medians.at(-1) ?? 0) / (medians[0] ?? 1);
      console.log(
        `${title.padEnd(58)}${medians.map((ms) => ms.toFixed(1).padStart(10)).join('')}${`×${ratio.toFixed(2)}`.padStart(9)}`,
      );
    }
  } finally {
    for (const client of clients) await client.end();
  }
}

/** A database of that size, migrated and added up; filled where it is empty. */
async function filled(serverUrl: string, size: number): Promise<pg.Client> {
  const url = new URL(serverUrl);
  const admin = await connectTo(url.href);
  const name = `seqpulse_kpi_${size}`;
  const { rows } = await admin.query('select from pg_database where datname = $1', [name]);
  if (rows.length === 0) await admin.query(`create database ${name}`);
  await admin.end();
  url.pathname = `/${name}`;
  await migrate(url.href, () => {});
  const client = await connectTo(url.href);
  const { rows: found } = await client.query('select from seqpulse.deployments limit 1');
  if (found.length === 0) {
    const shape = { endsAt: new Date(), days: DAYS, sampleDays: RANGE_DAYS, seed: 7 };
    await generateHistory(client, { projects: PROJECTS, deployments: Math.round(size * ASKED), ...shape });
  }
  const startedMs = performance.now();
  for (const rolled of [createKpiHours(client), createKpiTallies(client), createKpiFacts(client)]) {
    for (let more = true; more; ) {
      await client.query('begin');
      more = await rolled.addUpSome();
      await client.query('commit');
    }
  }
  console.log(`${size}: added up in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  await client.query('vacuum analyze');
  return client;
}
