import { spawnSync } from 'node:child_process';
import { type EmbeddedDatabase, openEmbeddedDatabase } from '../src/embedded-postgres/embedded-database.ts';
import { programsIn } from '../src/embedded-postgres/programs.ts';

/**
 * A durable PostgreSQL for a benchmark: the embedded one, or the one whose bin/ lies in BENCH_POSTGRES
 * (/usr/lib/postgresql/15). Says which it is.
 */
export async function openBenchDatabase(dataDir: string): Promise<EmbeddedDatabase> {
  const folder = process.env.BENCH_POSTGRES;
  if (folder === undefined) return await openEmbeddedDatabase({ dataDir, log: () => {} });
  const programs = programsIn(folder, 'its own');
  console.log(spawnSync(programs.postgres, ['--version'], { encoding: 'utf8' }).stdout.trim());
  return await openEmbeddedDatabase({ dataDir, log: () => {}, machine: { programs } });
}
