import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const INSIDE = 'BENCH_OWN_NETWORK';

export const isInside = (): boolean => process.env[INSIDE] !== undefined;

/**
 * Runs this program again in a network and with resolver files of its own (Linux, `unshare` and `ip`): names are asked
 * for at 127.0.0.1:53 there, and the machine's resolver is left as it is. Returns the exit code.
 */
export function runInside(): number {
  const folder = mkdtempSync(join(tmpdir(), 'seqpulse-names-'));
  try {
    writeFileSync(join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\n');
    writeFileSync(join(folder, 'nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n');
    const script = `ip link set lo up && mount --bind "$0/resolv.conf" /etc/resolv.conf \
      && mount --bind "$0/nsswitch.conf" /etc/nsswitch.conf && exec "$@"`;
    // Without the rights of root: those over the new namespaces alone, under the same user.
    const user = process.getuid?.() === 0 ? [] : ['--user', '--map-current-user', '--keep-caps'];
    const command = [
      ...user,
      '--mount',
      '--net',
      'sh',
      '-c',
      script,
      folder,
      process.execPath,
      ...process.argv.slice(1),
    ];
    const { status, error } = spawnSync('unshare', command, {
      stdio: 'inherit',
      env: { ...process.env, [INSIDE]: '1' },
    });
    if (error !== undefined) throw error;
    return status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
