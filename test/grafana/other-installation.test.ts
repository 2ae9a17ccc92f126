import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DashboardFile } from '../../grafana/lint/dashboard-file.ts';
import { expandSql, queriesOf } from '../../harness/dashboard-queries.ts';
import { migrate } from '../../src/db/connection/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const GENERATE = fileURLToPath(new URL('../../grafana/generate-dashboards.ts', import.meta.url));
const RANGE = { from: new Date('2026-05-01T00:00:00Z'), to: new Date('2026-05-02T00:00:00Z') };

let database: TestDatabase;
let folder: string;
let dashboards: { file: string; text: string; dashboard: DashboardFile }[];

beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  await migrate(database.url, () => {}, 'numbers');
  folder = mkdtempSync(join(tmpdir(), 'seqpulse-dashboards-'));
  const settings = ['--kpi-schema', 'numbers', '--seqpulse', 'https://seqpulse.example/', '--out', folder];
  execFileSync(process.execPath, [GENERATE, ...settings]);
  dashboards = readdirSync(folder).map((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    return { file, text, dashboard: JSON.parse(text) };
  });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await database[Symbol.asyncDispose]();
});

test('where the views are in another schema, every query of every dashboard finds them there', async () => {
  expect(await database.query(`select from pg_namespace where nspname = 'kpi'`)).toEqual([]);
  const queries = dashboards.flatMap(({ file, dashboard }) =>
    queriesOf(dashboard)
      .filter(({ kind }) => kind === 'sql')
      .map(({ place, text }) => ({ place: `${file} ${place}`, text })),
  );
  expect(queries.length).toBeGreaterThanOrEqual(42);
  for (const { place, text } of queries) {
    const sql = expandSql(text, { project: 'project', env: 'env' }, RANGE);
    await expect(database.query(sql), place).resolves.toBeInstanceOf(Array);
  }
});

test('links of reports lead to the SeqPulse of that installation, and nothing else has changed', () => {
  const committed = (file: string) =>
    readFileSync(new URL(`../../grafana/dashboards/${file}`, import.meta.url), 'utf8');
  expect(dashboards.map(({ file }) => file)).toContain('seqpulse-deployments.json');
  for (const { file, text } of dashboards) {
    const back = text.replaceAll('https://seqpulse.example', 'http://localhost:8000').replace(/\bnumbers\./g, 'kpi.');
    expect(back, file).toBe(committed(file));
  }
});
