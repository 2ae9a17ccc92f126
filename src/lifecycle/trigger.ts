import { type ChosenBaseline, chooseBaseline } from '../baseline/choose-baseline.ts';
import { countsReadings } from '../baseline/evidence.ts';
import type { Origin } from '../model/deployment.ts';
import type { TriggerContext } from '../model/deployment-start.ts';
import { collectJobs } from '../model/job.ts';
import { isRefusal, type Refusal, refuse } from '../model/refusal.ts';
import { holdsPast, identityOf, isEndpointIdentity, SETTLE_SECONDS, type Source } from '../model/source.ts';
import { sameEndpoint } from '../sources/pull/endpoint-url.ts';
import type { Sample } from '../verdict/types.ts';
import type { LifecycleDeps } from './deps.ts';
import { OWNED_MS } from './detect.ts';
import { readPast } from './read-past.ts';
import { type Meeting, meetRivals } from './rivals.ts';

export interface TriggerInput {
  readonly projectId: string;
  readonly env: string;
  readonly idempotencyKey: string | null;
  readonly origin: Origin;
  /** Whatever runs in this environment, or holds this key, makes room. */
  readonly supersede: boolean;
  /** Only compared with the active endpoint. */
  readonly metricsEndpoint: string | null;
}

export interface Triggered {
  readonly deploymentId: string;
  readonly status: 'created' | 'existing';
  readonly message: string | null;
}

/**
 * A new look is needed where a running deployment had to be abandoned, or where a rival won between the look and
 * the insert. Two rounds do in practice; the limit only keeps a mistake of ours from looping.
 */
const MAX_ROUNDS = 10;

/** Milliseconds that the signed read before a deployment may take: CI waits for it. */
const PREFLIGHT_TIMEOUT_MS = 2_500;

/**
 * Starts a deployment: its row and its pre collects in one transaction, or neither.
 * Refuses in the order of docs/contract.md, What CI calls: ENV_UNKNOWN, PROJECT_ENDPOINT_BLOCKED, ENDPOINT_MISMATCH,
 * then, for a deployment that would be new, HMAC_REFUSED or PREFLIGHT_FAILED.
 */
export async function trigger(deps: LifecycleDeps, input: TriggerInput): Promise<Triggered | Refusal> {
  let preflightPassed = false;
  let past: readonly Sample[] | undefined;
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const context = await deps.findTriggerContext({
      projectId: input.projectId,
      env: input.env,
      idempotencyKey: input.idempotencyKey,
      found: { version: input.origin.version, since: new Date(deps.now() - OWNED_MS) },
    });
    const source = activeSource(context, input);
    if (isRefusal(source)) return source;

    const meeting = await meetRivals(deps, context, input);
    if (meeting.outcome === 'look_again') continue;
    if (meeting.outcome === 'existing') {
      const { found, message } = meeting;
      deps.joinDeployment(found.id, null);
      if (found.id === context.detected?.id) {
        await deps.db.deployments.claimDetected(found.id, input.idempotencyKey, input.origin);
      }
      return { deploymentId: found.id, status: 'existing', message };
    }
    if (!preflightPassed) {
      const refused = await preflight(deps, source);
      if (refused !== null) return refused;
      preflightPassed = true;
    }
    const nowMs = deps.now();
    past ??= await readPast(deps, source, nowMs - SETTLE_SECONDS * 1000);
    const baseline = await chooseBaseline(deps.db, {
      projectId: input.projectId,
      env: input.env,
      mode: context.baseline,
      endpoint: identityOf(source),
      series: context.baselineSeries,
      past: holdsPast(source) ? past : null,
      hasHistory: context.hasHistory,
      nowMs,
      keptHours: deps.settings.baselineHours,
    });
    const created = await create(deps, input, context, { source, baseline, meeting, startedAtMs: nowMs });
    if (created !== null) return created;
  }
  throw new Error('trigger: the insert conflicts with a deployment that can not be found');
}

function activeSource(context: TriggerContext, input: TriggerInput): Source | Refusal {
  if (!context.envKnown) return refuse('ENV_UNKNOWN', `The project has no environment ${JSON.stringify(input.env)}.`);
  if (context.source === null) {
    return refuse(
      'PROJECT_ENDPOINT_BLOCKED',
      `Environment ${JSON.stringify(input.env)} has no active source: set a metrics endpoint or a source, and test it.`,
    );
  }
  return compareEndpoint(input.metricsEndpoint, identityOf(context.source)) ?? context.source;
}

/** null when `given` is absent or names the same endpoint, or where it is not an endpoint that is read. */
export function compareEndpoint(given: string | null, active: string): Refusal | null {
  if (given === null || !isEndpointIdentity(active) || sameEndpoint(given, active)) return null;
  return refuse('ENDPOINT_MISMATCH', 'metrics_endpoint differs from the environment’s active metrics endpoint.');
}

/** Only signed requests are tried: a secret that differs would cost the whole deployment its verdict. */
async function preflight(deps: LifecycleDeps, source: Source): Promise<Refusal | null> {
  if (source.kind !== 'pull' || source.sealedSecret === null) return null;
  const reading = await deps.sources.readNow(source, { timeoutMs: PREFLIGHT_TIMEOUT_MS });
  if (reading.outcome === 'ok') return null;
  if (reading.refusesUs) {
    return refuse('HMAC_REFUSED', `The application refused the signed request: it answered ${reading.status}.`);
  }
  return refuse('PREFLIGHT_FAILED', `The metrics endpoint could not be read: ${reading.reason}.`);
}

/** null when another trigger with this key, or for this environment, was faster. */
async function create(
  deps: LifecycleDeps,
  input: TriggerInput,
  context: TriggerContext,
  settled: {
    readonly source: Source;
    readonly baseline: ChosenBaseline;
    readonly meeting: Extract<Meeting, { outcome: 'free' }>;
    readonly startedAtMs: number;
  },
): Promise<Triggered | null> {
  const id = deps.newId();
  deps.joinDeployment(id, null);
  const { preIntervalSeconds } = deps.settings;
  const { source, baseline, meeting, startedAtMs } = settled;
  const preSamples = preSamplesOf(deps, source, baseline, startedAtMs);
  const number = await deps.starts.store({
    deployment: {
      id,
      projectId: input.projectId,
      env: input.env,
      origin: input.origin,
      bySuperseding: input.supersede,
      idempotencyKey: input.idempotencyKey,
      metricsEndpoint: identityOf(source),
      startedAt: new Date(startedAtMs),
      finishDeadlineAt: new Date(startedAtMs + context.finishDeadlineMinutes * 60_000),
      preExpected: preSamples,
      traceParent: deps.traceParent(),
      baselineSource: baseline.source,
      baselineNote: baseline.note,
      baselineGoodSince: baseline.goodSince,
    },
    baseline: baseline.samples,
    preCollects: collectJobs({
      deploymentId: id,
      projectId: input.projectId,
      type: 'pre_collect',
      count: preSamples,
      startMs: startedAtMs,
      intervalSeconds: preIntervalSeconds,
      trace: deps.jobs.currentTrace(),
    }),
    takesOver: meeting.takesOver,
  });
  if (number === null) return null;
  deps.log.info({ event: 'deployment_started', deployment_id: id, env: input.env, number }, 'deployment started');
  if (meeting.takesOver !== null) {
    const from = meeting.takesOver.abandonsId ?? meeting.takesOver.keyFromId;
    deps.log.warn({ event: 'deployment_superseded', deployment_id: from, by: id }, 'a newer run took its place');
  }
  const sentences = [meeting.message, asSentence(baseline.note)].filter((sentence) => sentence !== null);
  return { deploymentId: id, status: 'created', message: sentences.length === 0 ? null : sentences.join(' ') };
}

/**
 * A source that has told its past knows nothing of before that would be new. Where a baseline is ready, one reading shows
 * the application as it is now, and more would only be set aside.
 */
function preSamplesOf(
  { settings }: Pick<LifecycleDeps, 'settings'>,
  source: Source,
  { source: baselineSource, samples }: ChosenBaseline,
  startedAtMs: number,
): number {
  if (holdsPast(source) && samples.length > 0) return 0;
  return countsReadings(baselineSource, samples, startedAtMs) ? settings.preSamples : 1;
}

/** A clause as it stands alone. */
function asSentence(clause: string | null): string | null {
  return clause === null ? null : `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}
