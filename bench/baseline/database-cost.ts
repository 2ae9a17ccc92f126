import type pg from 'pg';

/** Position in the write-ahead log, in bytes. */
export async function logPosition(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>(
    `select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') as bytes`,
  );
  return Number(rows[0]?.bytes);
}

export async function ringSamples(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: string }>('select count(*) from seqpulse.baseline_samples');
  return Number(rows[0]?.count);
}

/**
 * Bytes a sample, rows and index, of a partition after a whole hour: the index is small because it holds each series
 * once, which a few minutes do not show. Fills an hour in the order in which the sweep does, minute by minute.
 */
export async function wholeHour(client: pg.Client, series: number): Promise<{ rows: number; index: number }> {
  const FREE_HOUR = 170 * 3_000;
  const SAMPLES = 60 * series;
  await client.query(
    `insert into seqpulse.baseline_samples
     select $1::bigint * 3600000 + minute * 60000, id, 20 + random(), 120 + random(), random() / 500, random(), random()
     from generate_series(0, 59) minute, generate_series(1, $2::int) id order by minute, id`,
    [FREE_HOUR, series],
  );
  const { rows } = await client.query<{ rows: string; index: string }>(
    `select pg_table_size('seqpulse.baseline_samples_000') as rows, pg_indexes_size('seqpulse.baseline_samples_000') as index`,
  );
  return { rows: Number(rows[0]?.rows) / SAMPLES, index: Number(rows[0]?.index) / SAMPLES };
}
