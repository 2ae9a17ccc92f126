// @ts-check
/**
 * What a resolver process runs: names come in over IPC, addresses go out. JavaScript, since stripping types costs each
 * such process 20 MB.
 */
import { lookup } from 'node:dns';

/** @typedef {{ id: number, hostname: string, order: 'ipv4first' | 'ipv6first' | 'verbatim' }} LookUp */

/** @param {number} id @param {string | null} code @param {string[]} addresses */
function answer(id, code, addresses) {
  if (process.connected) process.send?.({ id, code, addresses });
}

// Its parent is gone. Not `process.exit`: that waits for the look-ups under way, and they may hang.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// Ctrl-C reaches the whole process group, and its parent still has reads to finish: it ends when the parent says so.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

process.on('message', (message) => {
  const { id, hostname, order } = /** @type {LookUp} */ (message);
  try {
    lookup(hostname, { all: true, order }, (error, found) =>
      answer(
        id,
        error === null ? null : (error.code ?? 'EAI_FAIL'),
        (found ?? []).map(({ address }) => address),
      ),
    );
  } catch {
    // What node:dns does not even ask the system for.
    answer(id, 'ENOTFOUND', []);
  }
});
process.send?.('ready');
