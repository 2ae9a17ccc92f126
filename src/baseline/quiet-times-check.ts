import { setImmediate } from 'node:timers/promises';
import type { Tables } from '../db/database.ts';
import { type Refusal, refuse } from '../model/refusal.ts';
import { type AaCheck, type AaCheckInput, aaCheckSteps } from '../verdict/aa-check.ts';
import { changedLimits, type LimitsChange } from '../verdict/limits.ts';
import type { Limits } from '../verdict/types.ts';
import { FULL_BASELINE } from './evidence.ts';
import { unquietTimes } from './level.ts';

const DAY_MS = 86_400_000;
/** A window lasts five minutes at least, so a week has room for two thousand; where more were, only the newest count. */
const MAX_DEPLOYMENTS = 5_000;
/** Milliseconds for which nothing else of the process runs. One pair takes a fraction of a millisecond. */
const MAX_BLOCKING_MS = 4;

export interface QuietTimesQuestion {
  readonly projectId: string;
  /** null: the only one, or `prod`. */
  readonly env: string | null;
  readonly days: number;
  /** To try, over the project's own; null takes one back to the engine's default. */
  readonly limits: LimitsChange;
}

export interface QuietTimesCheck {
  readonly env: string;
  /** First and last sample that there are; null without any. The ring may reach back less than was asked for. */
  readonly from: Date | null;
  readonly to: Date | null;
  readonly samples: number;
  /** Windows as a deployment of this project has them. */
  readonly countBefore: number;
  readonly countAfter: number;
  readonly limits: Partial<Limits>;
  readonly check: AaCheck;
}

/**
 * How often would this project's set-up have cried wolf? The A/A check over what the ring holds of one environment,
 * without the times of deployments and of what was judged bad. Nothing is stored and nothing counted.
 * Refuses with NOT_FOUND or ENV_UNKNOWN.
 */
export async function checkQuietTimes(
  deps: { readonly db: Pick<Tables, 'projects' | 'baselineSamples' | 'levelHistory'>; readonly now: () => number },
  question: QuietTimesQuestion,
): Promise<QuietTimesCheck | Refusal> {
  const { projectId, days } = question;
  const project = await deps.db.projects.find(projectId);
  if (project === null) return refuse('NOT_FOUND', 'There is no such project.');
  const env = chosenEnv(project.envs, question.env);
  if (typeof env !== 'string') return env;

  const toMs = deps.now();
  const askedFromMs = toMs - days * DAY_MS;
  const history = await deps.db.levelHistory.listOf(projectId, env, new Date(askedFromMs), MAX_DEPLOYMENTS);
  const fromMs = history.length < MAX_DEPLOYMENTS ? askedFromMs : (history.at(1)?.startedAtMs ?? askedFromMs);
  const samples = await deps.db.baselineSamples.listOf(projectId, env, new Date(fromMs), new Date(toMs));
  const limits = changedLimits(project.limits, question.limits);
  const windows = { countBefore: FULL_BASELINE, countAfter: project.observationWindowMinutes };
  const check = await inPieces({ samples, excluded: unquietTimes(history, fromMs, toMs), limits, ...windows });
  const timeOf = (ms: number | undefined) => (ms === undefined ? null : new Date(ms));
  return {
    env,
    from: timeOf(samples[0]?.collectedAtMs),
    to: timeOf(samples.at(-1)?.collectedAtMs),
    samples: samples.length,
    ...windows,
    limits,
    check,
  };
}

function chosenEnv(envs: readonly string[], asked: string | null): string | Refusal {
  if (asked !== null) {
    return envs.includes(asked)
      ? asked
      : refuse('ENV_UNKNOWN', `The project has no environment ${JSON.stringify(asked)}.`);
  }
  const [first] = envs;
  if (envs.length === 1 && first !== undefined) return first;
  if (envs.includes('prod')) return 'prod';
  return refuse('ENV_UNKNOWN', 'The project has several environments and none of them is "prod": name one with ?env=.');
}

/** A week is half a second of judging: done at once, nobody else would be answered meanwhile. */
async function inPieces(input: AaCheckInput): Promise<AaCheck> {
  const steps = aaCheckSteps(input);
  let sinceMs = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - sinceMs < MAX_BLOCKING_MS) continue;
    await setImmediate();
    sinceMs = performance.now();
  }
}
