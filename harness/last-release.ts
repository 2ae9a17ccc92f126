import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));

/** The commit of the last release: what an upgrade comes from, and what a benchmark is held against. */
export function lastReleaseCommit(): string {
  return readFileSync(join(REPOSITORY, 'LAST_RELEASE'), 'utf8').trim();
}

/**
 * A checkout of the last release below `folder`, with its own dependencies (a minute, from the registry). A clone and not
 * a worktree: when it goes, nothing in the repository remembers it. Rejects when the commit is not there (a shallow
 * clone: `git fetch --unshallow`).
 */
export async function checkOutLastRelease(folder: string): Promise<string> {
  const path = join(folder, 'last-release');
  await run('git', ['clone', '--quiet', '--shared', '--no-checkout', REPOSITORY, path], folder);
  await run('git', ['checkout', '--quiet', '--detach', lastReleaseCommit()], path);
  // Scripts would fetch a second Node: ours runs it.
  await run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--prefer-offline'], path);
  return path;
}

async function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  // npm would leave a folder of compiled code in the temporary folder.
  const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' };
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
}
