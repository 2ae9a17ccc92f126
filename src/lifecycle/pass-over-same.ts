import { identityOf } from '../model/source.ts';
import type { DueWatch } from '../model/version-watch.ts';
import type { LifecycleDeps } from './deps.ts';
import { saysNothingNew } from './detection-rule.ts';

const MINUTE_MS = 60_000;
/** Who pushes once a minute tells of a minute's end by then. */
const PUSHED_AFTER_MS = 75_000;

/**
 * Of nearly all environments that are pushed to, a minute says what the last one said: the same version and no other. These
 * are told from the rest by two statements for all of them, without counting anybody's requests. Returns the rest. Rejects
 * as the database does.
 */
export async function passOverSame(
  { db }: Pick<LifecycleDeps, 'db'>,
  due: readonly DueWatch[],
): Promise<readonly DueWatch[]> {
  const next = due.flatMap((one) => {
    const { source, watch, minute } = one;
    // More than a minute to look at: something was away, and each of them is read.
    if (source.kind !== 'otlp' || watch === null || watch.minute !== minute - 1) return [];
    return [{ one, source, watch, endMs: minute * MINUTE_MS }];
  });
  if (next.length === 0) return due;
  const pushed = await db.otlpPoints.listVersions(
    next.map(({ source, endMs }) => ({
      projectId: source.projectId,
      env: source.env,
      serviceName: source.settings.serviceName,
      fromMs: endMs - MINUTE_MS,
      toMs: endMs + PUSHED_AFTER_MS,
    })),
  );
  const same = next.filter(({ source, watch }, index) =>
    saysNothingNew(watch, identityOf(source), pushed[index] ?? []),
  );
  await db.versionWatches.keep(
    same.map(({ one, watch }) => ({ of: one, watch: { ...watch, minute: one.minute, knownMinute: one.minute } })),
  );
  const passed = new Set(same.map(({ one }) => one));
  return due.filter((one) => !passed.has(one));
}
