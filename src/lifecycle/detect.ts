import { chooseBaseline } from '../baseline/choose-baseline.ts';
import { Rollback, type Tables } from '../db/database.ts';
import { holdsPast, identityOf, type PastSource } from '../model/source.ts';
import type { DueWatch, NewVersion, VersionWatch } from '../model/version-watch.ts';
import type { LifecycleDeps } from './deps.ts';
import { step } from './detection-rule.ts';
import { endObservation, enqueueObservation } from './observe.ts';
import { passOverSame } from './pass-over-same.ts';
import { readPast } from './read-past.ts';
import { ownerOf } from './version-owner.ts';

/** Environments a statement, and those that are read at the same time: a source that hangs holds up no more than these. */
const BATCH = 50;
/** Minutes that are made up for after an outage of ours or of a source. */
const MAX_MINUTES = 10;
const MINUTE_MS = 60_000;
/** A version that comes later than this after a deployment of CI ended is none of its own. */
export const OWNED_MS = 30 * MINUTE_MS;
const READ_TIMEOUT_MS = 5_000;

/**
 * Looks at every environment whose turn it is: a version that has taken requests for two minutes, and that nobody
 * announced, is a deployment. Each environment is looked at by one replica a minute. Returns how many were found.
 */
export async function detectDeployments(deps: LifecycleDeps): Promise<number> {
  if (!deps.settings.detectDeployments) return 0;
  let found = 0;
  for (;;) {
    const due = await deps.db.versionWatches.take(deps.now(), BATCH);
    const left = await passOverSame(deps, due);
    const looked = await Promise.allSettled(left.map(async (one) => await lookAt(deps, one)));
    looked.forEach((look, index) => {
      if (look.status === 'fulfilled') found += look.value;
      else {
        deps.log.warn(
          {
            event: 'versions_not_looked_at',
            err: look.reason,
            project_id: left[index]?.projectId,
            env: left[index]?.env,
          },
          'the versions of an environment could not be looked at',
        );
      }
    });
    if (due.length < BATCH) return found;
  }
}

async function lookAt(deps: LifecycleDeps, due: DueWatch): Promise<number> {
  const { source, minute } = due;
  if (!holdsPast(source)) return 0;
  const identity = identityOf(source);
  const from = due.watch === null ? minute : Math.max(due.watch.minute + 1, minute - MAX_MINUTES + 1);
  let [watch, count] = [due.watch, 0];
  for (let at = from; at <= minute; at += 1) {
    const read = await deps.sources.readVersions(source, at * MINUTE_MS, { timeoutMs: READ_TIMEOUT_MS });
    // Asked again with the next minute.
    if (read.outcome !== 'ok') return count;
    const stepped = step(watch, identity, { minute: at, requests: read.requests }, confirmMinutes(source));
    const kept = await keep(deps, due, source, stepped.watch, stepped.found);
    if (kept === null) return count;
    watch = kept.watch;
    count += kept.isDeployment ? 1 : 0;
  }
  return count;
}

/** Two minutes that share no request: where rates are of a longer window, one burst is in several. */
function confirmMinutes(source: PastSource): number {
  const windowSeconds = source.kind === 'prometheus' ? (source.settings.windowSeconds ?? 60) : 60;
  return 1 + Math.ceil(windowSeconds / 60);
}

interface Kept {
  readonly watch: VersionWatch;
  readonly isDeployment: boolean;
}

/** What was seen, and the deployment that comes of it, in one transaction. null: another replica has gone on. */
async function keep(
  deps: LifecycleDeps,
  due: DueWatch,
  source: PastSource,
  watch: VersionWatch,
  found: NewVersion | null,
): Promise<Kept | null> {
  const prepared = found === null ? null : { found, ...(await prepare(deps, due, source, found)) };
  return await deps.db.transaction<Kept | null>(
    async (tx) => {
      const project = prepared === null ? null : await tx.deployments.lockProject(due.projectId);
      if (!(await tx.versionWatches.hold(due))) throw new Rollback(null);
      if (prepared === null || project === null) {
        await tx.versionWatches.keep([{ of: due, watch }]);
        return { watch, isDeployment: false };
      }
      const { startedAtMs, baseline } = prepared;
      const since = new Date(startedAtMs - OWNED_MS);
      const announced = await tx.deployments.announcedSince(due.projectId, due.env, since);
      const owner = ownerOf(announced, prepared.found, watch);
      if (owner !== null) {
        const owned = { ...watch, owned: { deploymentId: owner.id, version: prepared.found.version } };
        await tx.versionWatches.keep([{ of: due, watch: owned }]);
        return { watch: owned, isDeployment: false };
      }
      const isDeployment = await store(deps, tx, due, {
        source,
        startedAtMs,
        baseline,
        version: prepared.found.version,
        postExpected: project.observationWindowMinutes,
      });
      await tx.versionWatches.keep([{ of: due, watch }]);
      return { watch, isDeployment };
    },
    { durable: true },
  );
}

/** The minutes before the first sighting are what it is compared with. */
async function prepare(deps: LifecycleDeps, due: DueWatch, source: PastSource, found: NewVersion) {
  const startedAtMs = (found.sinceMinute - 1) * MINUTE_MS;
  const context = await deps.findTriggerContext({
    projectId: due.projectId,
    env: due.env,
    idempotencyKey: null,
    found: null,
  });
  const baseline = await chooseBaseline(deps.db, {
    projectId: due.projectId,
    env: due.env,
    mode: context.baseline,
    endpoint: identityOf(source),
    series: context.baselineSeries,
    past: await readPast(deps, source, startedAtMs),
    hasHistory: context.hasHistory,
    nowMs: startedAtMs,
    keptHours: deps.settings.baselineHours,
  });
  return { startedAtMs, baseline };
}

async function store(
  deps: LifecycleDeps,
  tx: Tables,
  { projectId, env }: DueWatch,
  found: {
    readonly source: PastSource;
    readonly version: string;
    readonly startedAtMs: number;
    readonly baseline: Awaited<ReturnType<typeof chooseBaseline>>;
    readonly postExpected: number;
  },
): Promise<boolean> {
  const { version, startedAtMs, baseline, postExpected } = found;
  const id = deps.newId();
  const startMs = deps.now();
  const windowEndsAtMs = startMs + Math.round(postExpected * deps.settings.postIntervalSeconds * 1000);
  const stored = await tx.deployments.insertDetected({
    id,
    projectId,
    env,
    version,
    metricsEndpoint: identityOf(found.source),
    startedAt: new Date(startedAtMs),
    finishedAt: new Date(startMs),
    windowEndsAt: new Date(windowEndsAtMs),
    postExpected,
    baselineSource: baseline.source,
    baselineNote: baseline.note,
    baselineGoodSince: baseline.goodSince,
  });
  if (stored === null) return false;
  await tx.deploymentBaselines.keep(new Map([[{ id, projectId }, baseline.samples]]));
  await enqueueObservation(deps, tx, {
    id,
    projectId,
    postExpected,
    startMs,
    windowEndsAtMs,
    triggeredIn: null,
    collecting: true,
  });
  await endObservation(deps, tx, stored.superseded);
  deps.log.info(
    { event: 'deployment_detected', deployment_id: id, env, number: stored.number, version },
    'a version that nobody announced takes requests: a deployment',
  );
  return true;
}
