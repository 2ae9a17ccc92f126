/**
 * How long dashboards and lists take after years of use: fills an empty database with a made-up history and times every
 * SQL panel and every form of the deployment list.
 *
 *   node bench/history/kpi-queries.ts --database postgres://… [--deployments 1000000] [--filled]
 *
 * The database must be an empty one of its own; `--filled` times one that an earlier run has filled.
 * Three to ten minutes and 4 GB for a million.
 *
 * Measured on two shared cores with 996,000 deployments and 3.2 million samples: panels over 30 days of all 1,000 projects
 * at most 2.5 s, of one project at most 6 ms, a page of a list at most 3 ms.
 * Before there were the row DORA and the dashboard Deployments: with 100,000 deployments, on a busy machine, these take at most
 * 0.7 s and, of one project, 30 ms.
 */
import { parseArgs } from 'node:util';
import pg from 'pg';
import { expandSql } from '../../harness/dashboard-queries.ts';
import { migrate } from '../../src/db/connection/migrate.ts';
import { createDeploymentReads } from '../../src/db/deployments/reads.ts';
import { ONE_DATABASE } from '../../src/db/shards/shards.ts';
import { generateHistory } from './generate-history.ts';
import { medianOf, sqlPanels } from './sql-panels.ts';

const DAYS = 365;
const PROJECTS = 1_000;
/** The product's default retention. */
const SAMPLE_DAYS = 90;
const ROUNDS = 5;
const DASHBOARDS = new URL('../../grafana/dashboards/', import.meta.url);

const { values } = parseArgs({
  options: {
    database: { type: 'string' },
    deployments: { type: 'string', default: '1000000' },
    filled: { type: 'boolean', default: false },
  },
});
if (values.database === undefined) throw new Error('--database <url of an empty database> is missing');

const client = new pg.Client({ connectionString: values.database });
await client.connect();
try {
  if (!values.filled) await fill(values.database, Number(values.deployments));
  await time();
} finally {
  await client.end();
}

async function fill(url: string, deployments: number): Promise<void> {
  await migrate(url, () => {});
  const names = Array.from({ length: PROJECTS }, (_, index) => `project-${String(index).padStart(4, '0')}`);
  const startedMs = performance.now();
  // Weekends and projects that come later leave out about a third of what is asked for.
  const asked = Math.round(deployments * 1.7);
  const shape = {
    projects: names,
    deployments: asked,
    endsAt: new Date(),
    days: DAYS,
    sampleDays: SAMPLE_DAYS,
    seed: 7,
  };
  await generateHistory(client, shape);
  console.log(`filled in ${Math.round((performance.now() - startedMs) / 1000)} s`);
}

async function time(): Promise<void> {
  const { rows } = await client.query<{ deployments: string; samples: string; newest: Date; project: string }>(
    `select (select count(*) from seqpulse.deployments) as deployments, (select count(*) from seqpulse.samples) as samples,
            (select max(started_at) from seqpulse.deployments) as newest, (select min(project) from kpi.projects) as project`,
  );
  const [size] = rows;
  if (size === undefined) return;
  console.log(`${size.deployments} deployments, ${size.samples} samples; median of ${ROUNDS}, in ms\n`);

  const month = { from: new Date(size.newest.getTime() - 30 * 86_400_000), to: size.newest };
  const one = { project: `'${size.project}'`, env: `'prod','staging'` };
  console.log(`${'panels over 30 days'.padEnd(70)}${'all'.padStart(8)}${'one project'.padStart(14)}`);
  for (const { title, sql, all } of sqlPanels(DASHBOARDS)) {
    const every = await median(async () => await client.query(expandSql(sql, all, month)));
    const chosen = sql.includes('$project')
      ? (await median(async () => await client.query(expandSql(sql, one, month)))).toFixed(1)
      : '';
    console.log(`${title.padEnd(70)}${every.toFixed(1).padStart(8)}${chosen.padStart(14)}`);
  }

  console.log(`\n${'lists of 50'.padEnd(70)}${'ms'.padStart(8)}`);
  const { rows: projects } = await client.query<{ id: string }>(
    'select id from seqpulse.projects order by name limit 1',
  );
  const projectId = projects[0]?.id ?? null;
  const halfWay = {
    at: new Date(size.newest.getTime() - (DAYS / 2) * 86_400_000),
    id: '00000000-0000-0000-0000-000000000000',
  };
  const reads = createDeploymentReads(client, ONE_DATABASE);
  for (const [name, filter] of [
    ['all projects, first page', { projectId: null, env: null, after: null }],
    ['all projects, half a year back', { projectId: null, env: null, after: halfWay }],
    ['all projects, one environment', { projectId: null, env: 'prod', after: null }],
    ['one project, first page', { projectId, env: null, after: null }],
    ['one project, half a year back', { projectId, env: null, after: halfWay }],
    ['one environment of a project, first page', { projectId, env: 'prod', after: null }],
  ] as const) {
    const ms = await median(async () => await reads.list({ ...filter, verdict: null, limit: 50 }));
    console.log(`${name.padEnd(70)}${ms.toFixed(1).padStart(8)}`);
  }
}

async function median(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedMs = performance.now();
    await work();
    times.push(performance.now() - startedMs);
  }
  return medianOf(times);
}
