import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleText } from '../../scripts/bundle.ts';

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandLine {
  /** The bundle. */
  readonly path: string;
  /** A folder of its own, where it runs. */
  readonly folder: string;
  /** Runs it to its end, with these variables alone (and PATH). */
  run(args: readonly string[], env?: Readonly<Record<string, string>>, node?: string): Promise<Ran>;
}

/** The command line as users get it: one file, in an empty folder. */
export async function bundleCommandLine(): Promise<CommandLine> {
  const folder = mkdtempSync(join(tmpdir(), 'command-line-'));
  const path = join(folder, 'seqpulse.mjs');
  writeFileSync(path, await bundleText({ entry: 'cli/main.ts', isProgram: true }));
  return {
    path,
    folder,
    run: async (args, env = {}, node = process.execPath) => await runToEnd([node, path, ...args], { env, cwd: folder }),
  };
}

/** Runs a program to its end. `env` is all that it gets, beside PATH and TMPDIR. */
export async function runToEnd(
  [program = '', ...args]: readonly string[],
  options: { readonly env: Readonly<Record<string, string>>; readonly cwd: string },
): Promise<Ran> {
  const env = { PATH: process.env.PATH ?? '', TMPDIR: process.env.TMPDIR ?? tmpdir(), ...options.env };
  const child = spawn(program, args, { cwd: options.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
