import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../model/start-error.ts';
import { clusterFolder } from './cluster.ts';
import { connect, connectionString } from './connection.ts';
import { EmbeddedDatabaseError, programFailure, USE_ANOTHER_SERVER } from './errors.ts';
import type { EmbeddedLog, TellStep } from './log.ts';
import { anyFreePort, choosePort, LOOPBACK, rememberPort } from './port.ts';
import { inspectPostmaster, type Postmaster, removeStaleLockFile } from './postmaster.ts';
import type { Programs } from './programs.ts';
import { runProgram, type SystemUser } from './run-program.ts';
import { beginServerLog, readServerLog, SERVER_LOG } from './server-log.ts';
import { serverOptions } from './server-options.ts';
import type { StartSettings } from './start-settings.ts';

/** A cluster that exists, and what it takes to run it. */
export interface Installation {
  readonly dataDir: string;
  readonly home: string;
  readonly user: SystemUser | null;
  readonly programs: Programs;
  readonly password: string;
  readonly log: EmbeddedLog;
  readonly onStep: TellStep;
}

export interface RunningPostmaster extends Postmaster {
  /** It ran already: its service was killed, or another process started it a moment ago. */
  readonly adopted: boolean;
}

/** A crash recovery replays what was written since the last checkpoint: seconds, a minute on a slow disk. */
const START_TIMEOUT_SECONDS = 300;
/** A killed server's other processes notice within moments; longer than this, something holds on to its memory. */
const SETTLE_TIMEOUT_MS = 10_000;
const POLL_MS = 50;
const MAX_PORT_ATTEMPTS = 10;

/**
 * Adopts the server that runs on this cluster, or starts one: also while another one starts or stops, after a kill -9,
 * or when the port is taken. Throws an EmbeddedDatabaseError.
 */
export async function startPostmaster(place: Installation, settings: StartSettings): Promise<RunningPostmaster> {
  const { dataDir, home, log } = place;
  const folder = clusterFolder(home);
  const deadlineMs = performance.now() + SETTLE_TIMEOUT_MS;
  let port = settings.port;
  for (let portAttempts = 1; ; ) {
    const found = await inspectPostmaster(folder);
    if (found.state === 'alive') {
      if (await accepts(place, found)) return { pid: found.pid, port: found.port, adopted: true };
      continue;
    }
    if (found.state === 'stale') {
      removeStaleLockFile(folder, found.lockText);
      log('embedded_database.stale_lock_file_removed', { folder });
    }
    port ??= await choosePort(dataDir);
    place.onStep('starting');
    const failure = await runStart(place, { ...settings, port });
    const started = await inspectPostmaster(folder);
    if (failure === null && started.state === 'alive') {
      await rememberPort(dataDir, started.port).catch((error: unknown) => {
        log('embedded_database.port_not_remembered', { port: started.port, reason: errorCode(error) });
      });
      return { pid: started.pid, port: started.port, adopted: false };
    }
    if (failure !== null && /Address already in use/i.test(failure)) {
      if (settings.port !== undefined || portAttempts++ >= MAX_PORT_ATTEMPTS) {
        throw new EmbeddedDatabaseError(
          `Port ${port} of ${LOOPBACK}, wanted for the embedded PostgreSQL, is taken: free it, or ${USE_ANOTHER_SERVER}.`,
        );
      }
      port = await anyFreePort();
      continue;
    }
    // Another start was faster, or the processes of a killed server are still going: look again.
    const isPassing =
      failure === null || /lock file ".*" (already exists|is empty)|pre-existing shared memory block/i.test(failure);
    if (!isPassing || performance.now() > deadlineMs) {
      throw programFailure('The embedded PostgreSQL', home, failure ?? 'it ended as soon as it had started');
    }
    await sleep(POLL_MS);
  }
}

/** null when it runs; else what it wrote before it gave up. */
async function runStart(place: Installation, settings: StartSettings & { readonly port: number }) {
  const { home, user, programs } = place;
  const logBytes = await beginServerLog(home);
  const options = serverOptions(clusterFolder(home), settings).join(' ');
  const args = ['start', '-w', '-t', String(START_TIMEOUT_SECONDS), '-l', SERVER_LOG, '-o', options];
  const result = await runProgram(programs.pgCtl, args, { cwd: home, user, dataFolder: clusterFolder(home) });
  if (result.exitCode === 0) return null;
  return (await readServerLog(home, logBytes)) || result.output || (result.spawnError ?? '');
}

/** Waits until a server that runs takes connections; false when it has gone meanwhile. */
async function accepts(place: Installation, { pid, port: firstPort }: Postmaster): Promise<boolean> {
  let port = firstPort;
  const folder = clusterFolder(place.home);
  const deadlineMs = performance.now() + START_TIMEOUT_SECONDS * 1000;
  for (let attempt = 1; ; attempt++) {
    try {
      const client = await connect(connectionString(port, place.password, 'postgres'), 'seqpulse start', () => {});
      await client.end();
      return true;
    } catch (error) {
      // invalid_password, invalid_authorization_specification
      if (['28P01', '28000'].includes(errorCode(error))) {
        throw new EmbeddedDatabaseError(
          `The server on ${LOOPBACK}:${port} (process ${pid}) refuses the password kept in ${place.dataDir}: restore that file from a backup, or set SEQPULSE_DATA_DIR to another folder.`,
          { cause: error },
        );
      }
      const now = await inspectPostmaster(folder);
      if (now.state !== 'alive' || now.pid !== pid) return false;
      if (performance.now() > deadlineMs) {
        throw new EmbeddedDatabaseError(
          `The embedded PostgreSQL (process ${pid}) runs in ${folder} but takes no connections: see ${SERVER_LOG} beside it, or end that process and start again.`,
          { cause: error },
        );
      }
      if (attempt === 1) place.log('embedded_database.waiting', { pid, port, reason: String(error) });
      port = now.port;
      await sleep(POLL_MS);
    }
  }
}
