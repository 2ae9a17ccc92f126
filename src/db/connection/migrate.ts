import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';

const MIGRATIONS_FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));

/**
 * Brings the schema `seqpulse` up to date. Safe when several replicas start at once: the others wait for the
 * advisory lock (the default mode makes all but one of them fail).
 */
export async function migrate(connectionString: string, onStep: (message: string) => void): Promise<void> {
  await runner({
    databaseUrl: connectionString,
    dir: MIGRATIONS_FOLDER,
    direction: 'up',
    migrationsTable: 'migrations',
    migrationsSchema: 'seqpulse',
    createMigrationsSchema: true,
    schema: ['seqpulse', 'public'],
    advisoryLockMode: 'wait',
    verbose: false,
    logger: { debug: () => {}, info: onStep, warn: onStep, error: onStep },
  });
}
