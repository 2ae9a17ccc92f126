import { readdirSync, readFileSync } from 'node:fs';
import type pg from 'pg';

const CLOCK_TICKS_PER_SECOND = 100;

/** CPU seconds of a PostgreSQL server: its processes that live, and through the postmaster those that have ended. Linux only. */
export function serverCpuSeconds(postmasterPid: number): number {
  let ticks = 0;
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const fields = statOf(entry);
    if (fields === null) continue;
    const isPostmaster = Number(entry) === postmasterPid;
    if (!isPostmaster && Number(fields[1]) !== postmasterPid) continue;
    ticks += Number(fields[11]) + Number(fields[12]);
    if (isPostmaster) ticks += Number(fields[13]) + Number(fields[14]);
  }
  return ticks / CLOCK_TICKS_PER_SECOND;
}

/** Fields of /proc/PID/stat from the state on; null when the process is gone. */
function statOf(pid: string): string[] | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  } catch {
    return null;
  }
}

export interface RingSize {
  readonly samples: number;
  readonly heapBytes: number;
  readonly indexBytes: number;
  /** Position in the write-ahead log. */
  readonly walBytes: number;
}

export async function ringSize(client: pg.Client): Promise<RingSize> {
  const { rows } = await client.query<{ samples: string; heap: string; index: string; wal: string }>(
    `select (select count(*) from seqpulse.baseline_samples) as samples,
            sum(pg_table_size(c.oid)) as heap, sum(pg_indexes_size(c.oid)) as index,
            pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') as wal
     from pg_class c where c.relname ~ '^baseline_samples_[0-9]{3}$'`,
  );
  const row = rows[0];
  return {
    samples: Number(row?.samples),
    heapBytes: Number(row?.heap),
    indexBytes: Number(row?.index),
    walBytes: Number(row?.wal),
  };
}
