import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Asks a process to end and resolves when it has; at once when it has ended before. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
