import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Bytes: the output of a build. */
const MAX_OUTPUT = 64 * 1024 * 1024;

/** What `docker` says; rejects with what it says on standard error. `env` is added to ours. */
export async function docker(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await run('docker', args, { env: { ...process.env, ...env }, maxBuffer: MAX_OUTPUT });
  return stdout.trim();
}

/** Whether the engine has an image by this name, or can get it. */
export async function hasImage(name: string): Promise<boolean> {
  const has = async () => await docker(['image', 'inspect', '--format', '{{.Id}}', name]);
  const found = await has().catch(async () => await docker(['pull', '--quiet', name]).catch(() => null));
  return found !== null;
}

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** What was seen. */
  readonly seen: string;
  readonly isRight: boolean;
}

/** Lines of what went wrong that are shown. */
const SHOWN = 12;

/** `wanted` decides; what rejects is wrong, with its reason. Said at once: the whole takes minutes. */
export async function checked<Seen>(
  name: string,
  look: () => Promise<Seen>,
  wanted: (seen: Seen) => boolean,
): Promise<Check> {
  const check = await looked(name, look, wanted);
  const lines = check.seen.split('\n').filter((line) => line !== '');
  const shown = check.isRight ? lines.at(-1) : lines.slice(-SHOWN).join('\n    ');
  console.log(`  ${check.isRight ? 'right' : 'WRONG'}  ${name}: ${shown}`);
  return check;
}

async function looked<Seen>(name: string, look: () => Promise<Seen>, wanted: (seen: Seen) => boolean): Promise<Check> {
  try {
    const seen = await look();
    return { name, seen: typeof seen === 'string' ? seen : JSON.stringify(seen), isRight: wanted(seen) };
  } catch (error) {
    return { name, seen: error instanceof Error ? error.message : String(error), isRight: false };
  }
}
