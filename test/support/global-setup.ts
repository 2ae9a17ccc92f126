import pg from 'pg';
import { pino } from 'pino';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../src/db/connection/migrate.ts';
import { openBoss } from '../../src/jobs/scheduler.ts';
import { startTestServer } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of a superuser on the test server's maintenance database. */
    databaseAdminUrl: string;
  }
}

export const TEMPLATE_DATABASE = 'seqpulse_template';

/** One PostgreSQL for the whole run, with a migrated template that each test file clones in 50 ms. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestServer();
  try {
    const admin = new pg.Client({ connectionString: server.adminUrl });
    await admin.connect();
    await admin.query(`drop database if exists ${TEMPLATE_DATABASE} with (force)`);
    await admin.query(`create database ${TEMPLATE_DATABASE}`);
    await admin.end();

    const template = new URL(server.adminUrl);
    template.pathname = `/${TEMPLATE_DATABASE}`;
    await migrate(template.href, () => {});
    const boss = await openBoss({ connectionString: template.href, log: pino({ level: 'silent' }) });
    await boss.stop({ graceful: false });
    project.provide('databaseAdminUrl', server.adminUrl);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return async () => await server.stop();
}
