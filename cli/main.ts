import { runCommandLine } from './command-line.ts';
import type { Sink } from './surroundings.ts';

/**
 * Opened by the first look at it. What a command does not need is not loaded: most calls of a command line are short, and
 * streams, `node:crypto` and `node:child_process` are a quarter of what a bare Node takes to start.
 */
function sink(name: 'stdout' | 'stderr'): Sink {
  let opened: NodeJS.WriteStream | null = null;
  const stream = () => {
    opened ??= process[name].on('error', (error: NodeJS.ErrnoException) => {
      // A reader that went away (`seqpulse list | head -1`) is no fault.
      if (error.code !== 'EPIPE') throw error;
    });
    return opened;
  };
  return {
    write: (text) => stream().write(text),
    get isTTY() {
      return stream().isTTY === true;
    },
    get columns() {
      // A pseudo-terminal that nobody gave a size has 0.
      return stream().columns || 80;
    },
  };
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  stdout: sink('stdout'),
  stderr: sink('stderr'),
  pace: {
    now: () => performance.now(),
    sleep: async (ms) => await new Promise((resolve) => setTimeout(resolve, ms)),
    random: Math.random,
  },
  newKey: () => crypto.randomUUID(),
});
