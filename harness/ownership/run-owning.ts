import { followNpm } from '../../src/service/follow-npm.ts';
import { onStopSignals, SIGNAL_EXIT_CODES, type StopSignal } from '../../src/service/stop-signals.ts';
import { type OwnedFolder, openOwnedFolder } from './owned-folder.ts';

export interface OwningRun {
  /** Of this run alone; TMPDIR, so that what is made in the temporary folder is made in it. */
  readonly folder: string;
  /** Another folder that goes at the end, with the processes that work in it. */
  alsoOwn(folder: string): void;
  /** Aborted by a signal: for whoever starts one program after the other. */
  readonly signal: AbortSignal;
  /** Ends what is left and removes the folder: at once, not only when this process has ended. */
  end(): Promise<void>;
}

/**
 * From here on, however this process ends (done, failed, Ctrl-C, SIGTERM, a terminal that is closed, kill -9 of it or of
 * the npm that started it), nothing that it has started goes on, and nothing that it has written to its folder stays.
 * A second Ctrl-C ends all at once.
 */
export function beginOwning(name: string): OwningRun {
  const owned = openOwnedFolder(name);
  const stopping = new AbortController();
  onStopSignals({
    first: (signal) => void stop(name, owned, stopping, signal),
    again: (signal) => {
      owned.kill();
      process.exit(SIGNAL_EXIT_CODES[signal]);
    },
  });
  followNpm(() => process.kill(process.pid, 'SIGHUP'));
  return { folder: owned.path, alsoOwn: owned.alsoOwn, signal: stopping.signal, end: () => owned.end() };
}

/** Runs a program that starts others, and ends this process with the code it resolves with, when all of it is gone. */
export async function runOwning(name: string, main: (run: OwningRun) => Promise<number>): Promise<never> {
  const run = beginOwning(name);
  let code = 1;
  try {
    code = await main(run);
  } catch (error) {
    if (!run.signal.aborted) console.error(`\n${name} stopped: ${error instanceof Error ? error.stack : error}`);
  }
  // What ends because its children were ended has nothing more to say: `stop` is under way.
  if (run.signal.aborted) return await new Promise<never>(() => {});
  await run.end();
  process.exit(code);
}

async function stop(name: string, owned: OwnedFolder, stopping: AbortController, signal: StopSignal): Promise<never> {
  console.error(`\n${signal}: ending what ${name} has started`);
  stopping.abort();
  await owned.end();
  process.exit(SIGNAL_EXIT_CODES[signal]);
}
