import pg from 'pg';
import { pino } from 'pino';
import type { TestProject } from 'vitest/node';
import { leftoversText, settledLeftovers } from '../../harness/ownership/leftovers.ts';
import { type OwnedFolder, openOwnedFolder } from '../../harness/ownership/owned-folder.ts';
import type { OwnedProcess } from '../../harness/ownership/owned-processes.ts';
import { migrate } from '../../src/db/connection/migrate.ts';
import { openBoss } from '../../src/jobs/scheduler.ts';
import { followNpm } from '../../src/service/follow-npm.ts';
import { clusterOf, distribute, joinNodes, leaveAlone, withDatabase } from './cluster.ts';
import { startTestServer } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of a superuser on the test server's maintenance database. */
    databaseAdminUrl: string;
  }
}

export const TEMPLATE_DATABASE = 'seqpulse_template';

interface TestServer {
  readonly adminUrl: string;
  /** Stops it and ends the folder. Throws when the tests have left something there. */
  end(): Promise<void>;
}

/** Of this process: vitest calls `setup` for each project, and what one of them ends must not be what another still uses. */
interface Shared {
  users: number;
  readonly opened: Promise<TestServer>;
}
const SHARED = Symbol.for('seqpulse.testServer');
const ofProcess = globalThis as { [SHARED]?: Shared };

/**
 * One PostgreSQL for the whole run, with a migrated template that each test file clones in 50 ms, and one temporary
 * folder, which ends with the run, however that ends: with every process that was started in it. What is still there
 * after the tests fails the run.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  ofProcess[SHARED] ??= { users: 0, opened: open() };
  const shared = ofProcess[SHARED];
  shared.users += 1;
  const server = await shared.opened;
  project.provide('databaseAdminUrl', server.adminUrl);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    delete ofProcess[SHARED];
    await server.end();
  };
}

async function open(): Promise<TestServer> {
  const owned = openOwnedFolder('tests');
  followNpm(() => process.kill(process.pid, 'SIGTERM'));
  const quiet = sayWhenEnded();
  try {
    const server = await startTestServer(owned);
    await makeTemplate(server.adminUrl);
    return {
      adminUrl: server.adminUrl,
      async end() {
        quiet();
        await server.stop();
        await end(owned);
      },
    };
  } catch (error) {
    await owned.end();
    throw error;
  }
}

/** vitest exits at once, without a word; what was started is ended by the folder's reaper. The result takes that back. */
function sayWhenEnded(): () => void {
  const say = (signal: NodeJS.Signals) => {
    process.stderr.write(`\n${signal}: ending what the tests have started\n`);
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.prependOnceListener(signal, say);
  return () => {
    for (const signal of signals) process.off(signal, say);
  };
}

async function makeTemplate(adminUrl: string): Promise<void> {
  const cluster = await clusterOf(adminUrl);
  for (const node of cluster.adminUrls) {
    const admin = new pg.Client({ connectionString: node });
    await admin.connect();
    await admin.query(`drop database if exists ${TEMPLATE_DATABASE} with (force)`);
    await admin.query(`create database ${TEMPLATE_DATABASE}`);
    await admin.end();
  }
  if (cluster.distributes) await joinNodes(cluster, TEMPLATE_DATABASE);

  const template = withDatabase(adminUrl, TEMPLATE_DATABASE);
  await migrate(template, () => {});
  const boss = await openBoss({ connectionString: template, log: pino({ level: 'silent' }) });
  await boss.stop({ graceful: false });
  if (!cluster.distributes) return;
  await distribute(template);
  await leaveAlone(cluster, TEMPLATE_DATABASE);
}

async function end(owned: OwnedFolder): Promise<void> {
  const left = await settledLeftovers(() => {
    const { processes, entries } = owned.left();
    return { processes: processes.filter((one) => !isVitests(one)), entries };
  });
  const vitests = owned.left().processes.filter(isVitests);
  await owned.end(new Set(vitests.map(({ pid }) => pid)));
  if (left !== null) throw new Error(`the tests have left ${leftoversText(left)}`);
}

/** Its workers and their watchdog, which it ends after this: they are not left over, they have not gone yet. */
function isVitests({ parentPid, command }: OwnedProcess): boolean {
  return parentPid === process.pid && command.includes('vitest');
}
