import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, test } from 'vitest';
import { generateHistory } from '../../bench/history/generate-history.ts';
import { migrate } from '../../src/db/connection/migrate.ts';
import { isDistributed } from '../../src/db/shards/shards.ts';
import { clusterOf, distribute, joinNodes } from '../support/cluster.ts';
import { createTestDatabase } from '../support/database.ts';
import { distributes } from '../support/distributed.ts';
import { openSession } from '../support/session.ts';

const FILL = readFileSync(fileURLToPath(new URL('../../deploy/citus/fill.sql', import.meta.url)), 'utf8');
const FROM = new Date('2026-08-01T00:00:00Z');
const TO = new Date('2026-11-01T00:00:00Z');
const CHILDREN = ['samples', 'deployment_baselines', 'verdicts', 'verdict_feedback'];

/** What panels read, each as one text. */
const READ: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      'deployments',
      'project_first_verdicts',
      'sample_completeness',
      'recoveries',
      'job_failures',
      'feedback',
      'dora_deployments',
      'deployment_samples',
    ].map((view) => [view, `kpi.${view}`]),
  ),
  counts: `kpi.deployment_hours('${FROM.toISOString()}', '${TO.toISOString()}', array[null]::text[])`,
  dora: `kpi.dora_hours('${FROM.toISOString()}', '${TO.toISOString()}', array[null]::text[])`,
  ...Object.fromEntries(
    [
      'busiest_deployments',
      'busiest_dora_deployments',
      'busiest_feedback',
      'newest_marked_wrong',
      'worst_newest_verdict',
    ].map((name) => [
      name,
      `kpi.${name}('${FROM.toISOString()}', '${TO.toISOString()}', array[null]::text[], array[null]::text[])`,
    ]),
  ),
  samples: `kpi.sample_hours('${FROM.toISOString()}', '${TO.toISOString()}', array[null]::text[])`,
  ...Object.fromEntries(
    ['seconds_to_verdict', 'lead_time_seconds', 'seconds_to_restore', 'seconds_to_recover'].map((measure) => [
      measure,
      `kpi.percentiles('${measure}', '${FROM.toISOString()}', '${TO.toISOString()}', array[null]::text[], array[null]::text[],
        array[0.5, 0.95]::float8[])`,
    ]),
  ),
};

describe.skipIf(!distributes)('an installation that is full', () => {
  test('is distributed once its rows name their projects, and panels show what they showed', async () => {
    await using database = await createTestDatabase({ empty: true });
    await joinNodes(await clusterOf(inject('databaseAdminUrl')), new URL(database.url).pathname.slice(1));
    await migrate(database.url, () => {});
    await using session = await openSession(database, { statement_timeout: '60s' });
    const projects = Array.from({ length: 12 }, (_, index) => `shop ${index}`);
    await generateHistory(session, { projects, deployments: 1_500, endsAt: TO, days: 90, sampleDays: 30, seed: 5 });
    for (const table of CHILDREN) await session.query(`update seqpulse.${table} set project_id = null`);
    const shown = async () => {
      const texts: Record<string, unknown> = {};
      for (const [name, from] of Object.entries(READ)) {
        const { rows } = await session.query(
          `select count(*)::int as rows, string_agg(x::text, ' ' order by x::text collate "C") as text from ${from} x`,
        );
        texts[name] = rows[0];
      }
      return texts;
    };
    const before = await shown();
    await expect(distribute(database.url)).rejects.toThrow('has rows without a project: run deploy/citus/fill.sql');
    expect(await isDistributed(session)).toBe(false);
    await session.query(FILL);
    await distribute(database.url);
    expect(await isDistributed(session)).toBe(true);
    expect(await shown()).toEqual(before);
  });
});
