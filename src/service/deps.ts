import { randomBytes, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { createCollectStatements } from '../batching/collect-statements.ts';
import { createDeploymentStarts } from '../batching/deployment-starts.ts';
import { createFindTriggerContext } from '../batching/find-trigger-context.ts';
import type { SecretBox } from '../data-folder/secret-box.ts';
import type { Database } from '../db/database.ts';
import type { LifecycleDeps, LifecycleSettings } from '../lifecycle/deps.ts';
import type { JobQueue } from '../lifecycle/job-queue.ts';
import type { Instruments } from '../model/telemetry.ts';
import type { ProjectDeps } from '../projects/deps.ts';
import { createTestSlots } from '../projects/test-slots.ts';
import type { SourceReader } from '../sources/source.ts';
import { activeTraceParent, joinDeployment } from '../tracing/deployment-trace.ts';
import { tellVerdict } from '../tracing/verdict-event.ts';

/** What the rooms are made of, opened already. */
export interface Opened {
  readonly requestsDb: Database;
  readonly workersDb: Database;
  readonly jobs: JobQueue;
  readonly sourcesOver: (db: Database) => SourceReader;
  readonly telemetry: Instruments;
  readonly secretBox: SecretBox;
  readonly log: Logger;
  readonly settings: LifecycleSettings;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export interface RoomDeps {
  /** For requests: their commits wait for the disk. */
  readonly lifecycle: LifecycleDeps;
  /** The same story for jobs, over the workers' connections. */
  readonly inWorkers: LifecycleDeps;
  readonly projects: ProjectDeps;
}

/** Hands each room what it asks for; nothing is opened here. */
export function createDeps(opened: Opened): RoomDeps {
  const { requestsDb, workersDb, jobs, sourcesOver, telemetry, secretBox, log, settings, now } = opened;
  const sources = sourcesOver(requestsDb);
  const lifecycle: LifecycleDeps = {
    db: requestsDb,
    jobs,
    findTriggerContext: createFindTriggerContext(requestsDb),
    starts: createDeploymentStarts({ db: requestsDb, jobs, now }),
    collects: createCollectStatements(requestsDb),
    sources,
    telemetry,
    log,
    settings,
    now,
    newId: randomUUID,
    traceParent: activeTraceParent,
    joinDeployment,
    tellVerdict,
  };
  return {
    lifecycle,
    inWorkers: {
      ...lifecycle,
      db: workersDb,
      sources: sourcesOver(workersDb),
      findTriggerContext: createFindTriggerContext(workersDb),
      collects: createCollectStatements(workersDb),
    },
    projects: {
      db: requestsDb,
      sources,
      secretBox,
      testSlots: createTestSlots(),
      log,
      now,
      newId: randomUUID,
      randomHex: (bytes) => randomBytes(bytes).toString('hex'),
    },
  };
}
