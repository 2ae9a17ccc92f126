import { randomUUID } from 'node:crypto';
import { link, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode, StartError } from '../model/start-error.ts';
import { whyNot } from './data-folder.ts';

export interface PrivateFile {
  /** Without the blanks around it. */
  readonly content: string;
  /** Whether this call made it. */
  readonly created: boolean;
}

/**
 * The content of a file that only its owner may read, made with `make()` where it is missing. Of any number of makers
 * at once, in this process or others, all get the content of one. Throws a StartError when it can't be read, can't be
 * written, or is open to others.
 */
export async function readOrCreatePrivateFile(path: string, make: () => string): Promise<PrivateFile> {
  try {
    const found = await readPrivateFile(path);
    if (found !== null) return { content: found, created: false };
    const content = make();
    if (await publish(path, content)) return { content, created: true };
    const winners = await readPrivateFile(path);
    if (winners !== null) return { content: winners, created: false };
  } catch (cause) {
    throw cause instanceof StartError ? cause : new StartError(whyNot(dirname(path), errorCode(cause)), { cause });
  }
  throw new StartError(`${path} was removed while the service started: start it again.`);
}

/** null when there is no such file. Throws a StartError when it is unreadable or open to others. */
export async function readPrivateFile(path: string): Promise<string | null> {
  try {
    await using file = await open(path, 'r');
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0');
      throw new StartError(
        `Other users have access to ${path} (mode ${octal}): run \`chmod 600\` on it, and replace its content if they may have seen it.`,
      );
    }
    return (await file.readFile('utf8')).trim();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    if (error instanceof StartError) throw error;
    throw new StartError(
      `${path} can't be read (${errorCode(error) || 'unknown reason'}): start the service as the user who made it, or give the file to the user with id ${process.geteuid?.() ?? '?'}.`,
      { cause: error },
    );
  }
}

/** Replaces a file that is no secret: whole or not at all, also when the process dies half-way. */
export async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = await writeTemporary(path, content, 0o644);
  await rename(temporary, path);
}

/** Whether it was put in place; false when the path has been taken meanwhile. */
async function publish(path: string, content: string): Promise<boolean> {
  const temporary = await writeTemporary(path, content, 0o600);
  try {
    // Not rename, which would replace the file of somebody who was faster: two processes would hold two secrets.
    await link(temporary, path);
    await syncFolder(dirname(path));
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(temporary);
  }
}

async function writeTemporary(path: string, content: string, mode: number): Promise<string> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  const { uid, gid } = await stat(dirname(path));
  await using file = await open(temporary, 'wx', mode);
  try {
    // What root makes in somebody's folder (`sudo npm start`, once) must not lock its owner out afterwards.
    if (process.geteuid?.() === 0 && uid !== 0) await file.chown(uid, gid);
    await file.writeFile(`${content}\n`);
    await file.sync();
  } catch (error) {
    await unlink(temporary);
    throw error;
  }
  return temporary;
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}
