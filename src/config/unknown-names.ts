/**
 * Variables of programs around SeqPulse: a shell or a container that serves both a pipeline (or an instrumented
 * application) and the service has them, and they are no mistake there.
 */
const CLIENT_NAMES = [
  'SEQPULSE_URL',
  'SEQPULSE_BASE_URL',
  'SEQPULSE_API_KEY',
  'SEQPULSE_DEPLOYMENT_ID',
  'SEQPULSE_METRICS_ENDPOINT',
];
const CLIENT_PREFIX = 'SEQPULSE_HMAC_';

/**
 * Kubernetes and Docker links describe a service called `seqpulse…` to every container beside it:
 * SEQPULSE_SERVICE_HOST, SEQPULSE_PORT=tcp://10.0.0.1:8000, SEQPULSE_PORT_8000_TCP_ADDR.
 */
const SERVICE_LINK = /_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/;
const SERVICE_LINK_VALUE = /^(tcp|udp|sctp):\/\//;

/** Whether a SEQPULSE_… variable that is no setting belongs to somebody else rather than being a misspelt setting. */
export function belongsToOthers(name: string, value: string): boolean {
  return (
    CLIENT_NAMES.includes(name) ||
    name.startsWith(CLIENT_PREFIX) ||
    SERVICE_LINK.test(name) ||
    (name.endsWith('_PORT') && SERVICE_LINK_VALUE.test(value))
  );
}

/** The known name that was probably meant: with or without the prefix, at most a third of its letters wrong. */
export function nearestName(unknown: string, known: readonly string[]): string | null {
  const bare = unknown.replace(/^SEQPULSE_/, '');
  const candidates = known.map((name) => {
    const wanted = name.replace(/^SEQPULSE_/, '');
    return { name, distance: editDistance(bare, wanted), most: Math.max(1, Math.floor(wanted.length / 3)) };
  });
  const near = candidates.filter(({ distance, most }) => distance <= most);
  return near.sort((a, b) => a.distance - b.distance)[0]?.name ?? null;
}

/** Insertions, deletions and substitutions between two words (Levenshtein, one row at a time). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...from].entries()) {
    let diagonal = i;
    row = row.reduce<number[]>((next, above, j) => {
      const left = next[j - 1];
      next.push(left === undefined ? i + 1 : Math.min(above + 1, left + 1, diagonal + (to[j - 1] === letter ? 0 : 1)));
      diagonal = above;
      return next;
    }, []);
  }
  return row.at(-1) ?? 0;
}
