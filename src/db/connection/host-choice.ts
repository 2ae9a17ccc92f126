import type { DatabaseHost } from '../../model/database-url.ts';

/** Milliseconds after which the next host is asked as well: a host that swallows packets must not use up the time. */
const HEAD_START_MS = 200;

/**
 * Finds the host that accepts writes, in the order given. Whoever asks while another asks gets the same answer.
 *
 * @param ask rejects with the reason why a host is of no use; must end by itself.
 * @returns rejects with every host's reason when none is of use.
 */
export function createHostChoice(
  hosts: readonly DatabaseHost[],
  ask: (host: DatabaseHost) => Promise<void>,
): () => Promise<DatabaseHost> {
  let choosing: Promise<DatabaseHost> | null = null;
  return async () => {
    choosing ??= choose(hosts, ask).finally(() => {
      choosing = null;
    });
    return await choosing;
  };
}

async function choose(
  hosts: readonly DatabaseHost[],
  ask: (host: DatabaseHost) => Promise<void>,
): Promise<DatabaseHost> {
  const attempts: Promise<DatabaseHost>[] = [];
  for (const host of hosts) {
    const attempt = ask(host).then(() => host);
    attempts.push(attempt);
    const failed = attempt.then(
      () => 'accepts' as const,
      () => 'failed' as const,
    );
    const first = Promise.any(attempts).then(
      () => 'found' as const,
      () => 'failed' as const,
    );
    if ((await Promise.race([first, failed, headStart()])) === 'found') break;
  }
  try {
    return await Promise.any(attempts);
  } catch (cause) {
    const reasons = (cause as AggregateError).errors as { code?: string; message?: string }[];
    const list = hosts.map(({ host, port }, index) => `${host}:${port} ${reasonOf(reasons[index])}`).join(', ');
    throw Object.assign(new Error(`none of the database’s hosts accepts writes: ${list}`), { code: codeOf(reasons) });
  }
}

async function headStart(): Promise<'slow'> {
  return await new Promise((resolve) => {
    setTimeout(() => resolve('slow'), HEAD_START_MS);
  });
}

function reasonOf(error: { code?: string; message?: string } | undefined): string {
  return error?.message || error?.code || 'failed';
}

/** The code they share, as for a single host; else that of one alone would mislead. */
function codeOf(reasons: readonly { code?: string }[]): string {
  const codes = new Set(reasons.map(({ code }) => code ?? ''));
  return codes.size === 1 ? ([...codes][0] ?? '') : '';
}
