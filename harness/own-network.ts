import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const INSIDE = 'SEQPULSE_OWN_NETWORK';

export const isInside = (): boolean => process.env[INSIDE] !== undefined;

/**
 * Runs this program again in a network and with resolver files of its own (Linux, `unshare` and `ip`): names are asked
 * for at 127.0.0.1:53 there, and the machine's resolver is left as it is. Resolves with the exit code.
 *
 * @param folder for those files; its content goes with the run.
 */
export async function runInside(folder: string): Promise<number> {
  writeFileSync(join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\n');
  writeFileSync(join(folder, 'nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n');
  const script = `ip link set lo up && mount --bind "$0/resolv.conf" /etc/resolv.conf \
    && mount --bind "$0/nsswitch.conf" /etc/nsswitch.conf && exec "$@"`;
  // Without the rights of root: those over the new namespaces alone, under the same user.
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-current-user', '--keep-caps'];
  const program = [process.execPath, ...process.argv.slice(1)];
  const child = spawn('unshare', [...user, '--mount', '--net', 'sh', '-c', script, folder, ...program], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: '1' },
  });
  const [code] = await once(child, 'exit');
  return code ?? 1;
}
