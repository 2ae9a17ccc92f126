import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { endOwned } from '../../harness/ownership/end-owned.ts';
import { leftoversOf, leftoversText, settledLeftovers } from '../../harness/ownership/leftovers.ts';

/**
 * Each test file has a temporary folder of its own, and fails when it leaves a process or a file in it. Its hooks are
 * the first to be known, so that the last of them runs after all of the file's own.
 */
/** Longer than the waiting for what is still ending. */
const HOOK_TIMEOUT_MS = 120_000;

let folder = '';
let outer: string | undefined;
beforeAll(() => {
  outer = process.env.TMPDIR;
  const name = basename(expect.getState().testPath ?? 'test').replace(/[.]test[.]ts$/, '');
  folder = mkdtempSync(join(tmpdir(), `${name}-`));
  // The embedded database's own user must get through.
  chmodSync(folder, 0o711);
  process.env.TMPDIR = folder;
});
afterAll(async () => {
  const left = await settledLeftovers(() => leftoversOf([folder]));
  if (outer === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = outer;
  if (left === null) rmSync(folder, { recursive: true });
  else {
    await endOwned([folder]);
    throw new Error(`this file has left ${leftoversText(left)}`);
  }
}, HOOK_TIMEOUT_MS);
