import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startObservedApp } from '../../harness/observed-app.ts';
import { type OwnServer, startOwnServer } from '../../harness/own-server.ts';
import { until } from '../../harness/until.ts';
import { runUntil, START_TIME, TestClock } from '../support/clock.ts';
import type { TestDatabase } from '../support/database.ts';
import { startTestService } from '../support/service.ts';

let server: OwnServer;
beforeAll(async () => {
  // What commits without waiting for the disk stays in memory for ten seconds: whoever relies on it loses it.
  server = await startOwnServer({ settings: { wal_writer_delay: '10s', autovacuum: 'off' } });
});
afterAll(async () => await server[Symbol.asyncDispose]());

function databaseOf(name: string): TestDatabase {
  const pool = new pg.Pool({ connectionString: server.url(name), max: 2 });
  pool.on('error', () => {});
  return {
    url: server.url(name),
    query: async (text, values) => (await pool.query(text, values)).rows,
    [Symbol.asyncDispose]: async () => await pool.end(),
  };
}

test.each([1, 2, 3])(
  'a verdict that somebody has seen is the verdict after the database was killed (%i)',
  async (round) => {
    await using postgres = databaseOf('postgres');
    await postgres.query(`create database round_${round}`);
    await using database = databaseOf(`round_${round}`);
    const clock = new TestClock(START_TIME);
    await using app = await startObservedApp();
    await using running = await startTestService({
      databaseUrl: database.url,
      clock,
      env: { SEQPULSE_RETRY_DELAYS_SECONDS: 'none' },
    });
    const { api } = running;
    const envs = ['judged', 'abandoned'];
    const { apiKey } = await api.newProject({ name: 'shop', endpoint: app.url, envs, baseline: 'at_trigger' });
    const [judged, abandoned] = await Promise.all(
      envs.map(async (env) => (await api.trigger(apiKey, { env })).body.deployment_id),
    );
    await runUntil(clock, running, database, START_TIME + 30_000);
    await api.finish(apiKey, { deployment_id: judged, result: 'success' });
    await runUntil(clock, running, database, START_TIME + 30_000 + 299_000);
    const deployment = async (id: string) => (await api.deployment(apiKey, id)).body;

    await clock.setTime(clock.now() + 1_500);
    // It ends with the database.
    const ticked = clock.tick(500).catch(() => {});
    const seen = await until('the verdict is shown', 30, async () => {
      const body = await deployment(judged);
      return body.verdict === null ? null : body;
    });
    await server.kill();
    await ticked;
    await server.start();
    await until('the service is ready again', 60, async () => (await api.request('GET', '/readyz')).status === 200);
    const again = await until('it is read again', 30, async () => {
      const answer = await api.deployment(apiKey, judged);
      return answer.status === 200 ? answer.body : null;
    });
    expect(again).toEqual(seen);
    // A counter that is ahead of the table counts what is not there.
    const counted = /seqpulse_analysis_verdict_total\{[^}]*verdict="ok"[^}]*\} (\d+)/.exec(
      (await api.request('GET', '/metrics')).body,
    );
    expect(Number(counted?.[1])).toBe((await database.query('select from seqpulse.verdicts')).length);

    // The same for what was abandoned, and for what people said.
    await clock.setTime(clock.now() + 3 * 3_600_000);
    await api.trigger(apiKey, { env: 'abandoned' });
    expect((await deployment(abandoned)).state).toBe('abandoned');
    const said = await api.request('POST', `/deployments/${judged}/feedback`, {
      headers: { 'X-API-Key': apiKey },
      body: { correct: false, note: 'it was the weather' },
    });
    expect(said.status).toBe(200);
    await server.kill();
    await server.start();
    await until('the service is ready again', 60, async () => (await api.request('GET', '/readyz')).status === 200);
    const states = await until('both are read again', 30, async () => {
      const bodies = [await deployment(abandoned), await deployment(judged)];
      return bodies.every((body) => body.state !== undefined) ? bodies : null;
    });
    expect(states).toMatchObject([{ state: 'abandoned' }, { feedback: { correct: false } }]);
  },
);
