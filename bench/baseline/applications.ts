/** The observed applications of a benchmark and the projects they belong to, ten thousand at a time. */
import type pg from 'pg';
import { sha256 } from '../../src/model/digest.ts';
import { startPinned } from '../pinned-process.ts';
import { hangs } from './hanging.ts';

export interface Applications {
  readonly count: number;
  readonly hanging: number;
  /** Up to the query that names one. */
  readonly url: string;
  hangs(app: number): boolean;
  /** Which were read since the last call, and when, epoch milliseconds. */
  arrivals(): Promise<[app: number, atMs: number][]>;
  stop(): Promise<void>;
}

/** In a process of their own, on `core`, or where there is room. */
export async function startApplications(
  { count, hanging }: { readonly count: number; readonly hanging: number },
  core: number | null,
): Promise<Applications> {
  const env = { APPLICATIONS: String(count), HANGING: String(hanging) };
  const child = await startPinned(core, ['bench/baseline/targets.ts'], env, ' .');
  const url = `http://127.0.0.1:${child.readyLine.match(/listens on (\d+)/)?.[1]}`;
  return {
    count,
    hanging,
    url: `${url}/metrics?app=`,
    hangs: (app) => hangs(app, { count, hanging }),
    stop: async () => await child.stop(),
    arrivals: async () => (await (await fetch(`${url}/arrivals`)).json()) as [number, number][],
  };
}

/** The key of an application's project. */
export const apiKeyOf = (app: number): string => `SP_${app.toString(16).padStart(32, '0')}`;

/**
 * A project for each, with one environment, `prod`. By SQL: ten thousand POSTs would test ten thousand endpoints. Resolves
 * with each one's moment of the minute, in ms.
 */
export async function addProjects(client: pg.Client, { count, url }: Applications): Promise<Map<number, number>> {
  const keys = Array.from({ length: count }, (_, app) => sha256(apiKeyOf(app)));
  await client.query(
    `with numbered as (select n, gen_random_uuid() as id from generate_series(0, $1::int - 1) n),
     projects as (
       insert into seqpulse.projects (id, name, observation_window_minutes, finish_deadline_minutes, created_at)
       select id, 'app ' || n, 5, 120, now() from numbered),
     environments as (insert into seqpulse.environments (project_id, name) select id, 'prod' from numbered),
     keys as (
       insert into seqpulse.api_keys (key_sha256, project_id, created_at)
       select ($3::bytea[])[n + 1], id, now() from numbered)
     insert into seqpulse.endpoints (project_id, env, active_url)
     select id, '', $2 || n from numbered`,
    [count, url, keys],
  );
  const { rows } = await client.query<{ app: number; phase: number }>(
    `select substr(p.name, 5)::int as app, e.read_phase_ms as phase
     from seqpulse.environments e join seqpulse.projects p on p.id = e.project_id`,
  );
  return new Map(rows.map((row) => [row.app, row.phase]));
}
