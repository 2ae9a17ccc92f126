import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadOrCreateSecrets } from '../../src/data-folder/secrets.ts';

let parent: string;
let dataDir: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'seqpulse-secrets-'));
  dataDir = join(parent, 'data');
});
afterEach(() => rm(parent, { recursive: true, force: true }));

function load(given: { adminToken?: string; secretKeyHex?: string; dataDir?: string } = {}) {
  const none = { adminToken: null, adminTokenPrevious: null, secretKeyHex: null, secretKeyPreviousHex: null };
  return loadOrCreateSecrets({ dataDir, ...none, randomBytes, ...given });
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

describe('loadOrCreateSecrets', () => {
  test('makes both at the first start, keeps them at 0600, and gives the same ones at the next', async () => {
    const first = await load();
    expect(first.adminToken.length).toBeGreaterThanOrEqual(24);
    expect(first.secretKey).toHaveLength(32);
    expect((await readdir(dataDir)).sort()).toEqual(['admin-token', 'secret-key']);
    expect(await modeOf(join(dataDir, 'admin-token'))).toBe('600');
    expect(await modeOf(join(dataDir, 'secret-key'))).toBe('600');

    const second = await load();
    expect({ ...second, notices: [] }).toEqual({ ...first, notices: [] });
  });

  test('keeps both at 0600 under a umask that would open them', async () => {
    const before = process.umask(0);
    try {
      await load();
    } finally {
      process.umask(before);
    }
    expect(await modeOf(join(dataDir, 'admin-token'))).toBe('600');
    expect(await modeOf(dataDir)).toBe(process.geteuid?.() === 0 ? '711' : '700');
  });

  test('says where each one is and never what it is', async () => {
    const first = await load();
    const second = await load();
    expect(first.notices).toEqual([
      `The admin token was made and is kept in ${join(dataDir, 'admin-token')}.`,
      `The key that encrypts stored secrets was made and is kept in ${join(dataDir, 'secret-key')}.`,
    ]);
    expect(second.notices.join()).toContain(`was read from ${join(dataDir, 'admin-token')}`);
    for (const notice of [...first.notices, ...second.notices]) {
      expect(notice).not.toContain(first.adminToken);
      expect(notice).not.toContain(first.secretKey.toString('hex'));
    }
  });

  test('touches no disk when both come from the environment', async () => {
    const secrets = await load({ adminToken: 'x'.repeat(24), secretKeyHex: '0f'.repeat(32) });
    expect(secrets).toEqual({
      adminToken: 'x'.repeat(24),
      previousAdminToken: null,
      secretKey: Buffer.alloc(32, 0x0f),
      previousSecretKey: null,
      notices: [],
    });
    expect(await readdir(parent)).toEqual([]);
  });

  test('makes only the one that is missing', async () => {
    expect((await load({ adminToken: 'x'.repeat(24) })).adminToken).toBe('x'.repeat(24));
    expect(await readdir(dataDir)).toEqual(['secret-key']);
  });

  test('agrees on one value when many start at once, and leaves nothing else behind', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => load()));
    expect(new Set(all.map((secrets) => secrets.adminToken)).size).toBe(1);
    expect(new Set(all.map((secrets) => secrets.secretKey.toString('hex'))).size).toBe(1);
    expect(all.filter((secrets) => secrets.notices[0]?.includes('was made'))).toHaveLength(1);
    expect((await readdir(dataDir)).sort()).toEqual(['admin-token', 'secret-key']);
  });

  test.each([0o640, 0o604, 0o644])(
    'refuses a file that others may read (mode %o), and accepts it at 0600',
    async (mode) => {
      await load();
      const path = join(dataDir, 'admin-token');
      await chmod(path, mode);
      await expect(load()).rejects.toThrow(
        `Other users have access to ${path} (mode 0${mode.toString(8)}): run \`chmod 600\``,
      );
      await chmod(path, 0o600);
      await expect(load()).resolves.toMatchObject({ secretKey: expect.any(Buffer) });
    },
  );

  test.each([
    ['admin-token', 'too short', 'SEQPULSE_ADMIN_TOKEN'],
    ['admin-token', '', 'SEQPULSE_ADMIN_TOKEN'],
    ['secret-key', '0'.repeat(63), 'SEQPULSE_SECRET_KEY'],
  ])('refuses a %s that holds %j without repeating it, and leaves it as it is', async (file, content, setting) => {
    await load();
    const path = join(dataDir, file);
    await writeFile(path, content);
    const error = await load().catch((reason: unknown) => reason);
    expect(String(error)).toMatch(`${path} does not hold`);
    expect(String(error)).toContain(setting);
    if (content !== '') expect(String(error)).not.toContain(content);
    expect(await readFile(path, 'utf8')).toBe(content);
  });

  test('says so when the data folder is a file, or lies below one', async () => {
    await writeFile(dataDir, '');
    await expect(load()).rejects.toThrow(
      `The data folder ${dataDir} is a file, not a folder: remove it or set SEQPULSE_DATA_DIR`,
    );
    await expect(load({ dataDir: join(dataDir, 'below') })).rejects.toThrow(
      'something above it is a file: set SEQPULSE_DATA_DIR',
    );
  });

  test.runIf(process.platform === 'linux')(
    'says so when the file system denies a folder with ENOENT, as /proc does (mkdir -p of Node runs for ever there)',
    async () => {
      await expect(load({ dataDir: '/proc/seqpulse/data' })).rejects.toThrow(
        "The data folder /proc/seqpulse/data can't be used (ENOENT)",
      );
    },
  );

  test('makes the folders above a data folder too', async () => {
    await load({ dataDir: join(dataDir, 'deep', 'below') });
    expect((await readdir(join(dataDir, 'deep', 'below'))).sort()).toEqual(['admin-token', 'secret-key']);
  });
});
