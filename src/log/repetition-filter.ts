/** An outage comes as an error of every connection and every poll, thousands in a night: one line in this time will do. */
const REPEAT_AFTER_MS = 30_000;

/** True for what has not been seen for half a minute. Real time: it is about the length of a log. */
export function createRepetitionFilter(): (what: string) => boolean {
  const seenAtMs = new Map<string, number>();
  return (what) => {
    const nowMs = performance.now();
    const lastMs = seenAtMs.get(what);
    if (lastMs !== undefined && nowMs - lastMs < REPEAT_AFTER_MS) return false;
    // Messages may hold ids: what is old must not pile up.
    for (const [other, atMs] of seenAtMs) if (nowMs - atMs >= REPEAT_AFTER_MS) seenAtMs.delete(other);
    seenAtMs.set(what, nowMs);
    return true;
  };
}
