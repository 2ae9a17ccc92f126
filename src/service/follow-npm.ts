import { readFileSync } from 'node:fs';

/** How often to look whether npm is still there. */
const CHECK_MS = 500;

/**
 * Calls `onGone` once when the npm that started this process is gone. Signals to npm alone do not always arrive: of a
 * kill -9 nobody is told, and SIGTERM it hands on to the shell between, which ends without a word to its child. Does
 * nothing in a process that npm has not started.
 */
export function followNpm(onGone: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const before = lineageToNpm();
  const timer = setInterval(() => {
    if (lineageToNpm() === before) return;
    clearInterval(timer);
    onGone();
  }, CHECK_MS);
  timer.unref();
}

/** The parent's process id and, where that is the shell between npm and its script (Linux), that of its parent. */
function lineageToNpm(): string {
  const parent = process.ppid;
  const isShell = /^\S*sh\0-c\0/.test(read(`/proc/${parent}/cmdline`));
  if (!isShell) return String(parent);
  const [, grandparent] = read(`/proc/${parent}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');
  return `${parent} ${grandparent}`;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
