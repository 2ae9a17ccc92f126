import { chooseBaseline } from '../../../baseline/choose-baseline.ts';
import { checkQuietTimes } from '../../../baseline/quiet-times-check.ts';
import type { EnvironmentReads } from '../../../model/environment.ts';
import type { Project } from '../../../model/project.ts';
import { isRefusal } from '../../../model/refusal.ts';
import { identityOf, type Source } from '../../../model/source.ts';
import { LIMIT_FIELDS } from '../../../pages/limits-form.ts';
import { projectHref } from '../../../pages/project-page.ts';
import type { ProjectPageInput } from '../../../pages/project-page-input.ts';
import { readEnvironments } from '../../../projects/environments.ts';
import { ago, timeNear } from '../../../report/times.ts';
import { capitalised, counted } from '../../../report/words.ts';
import { type Counted, summarizeFeedback } from '../../../verdict/precision.ts';
import type { VerdictName } from '../../../verdict/types.ts';
import type { HttpDeps } from '../../deps.ts';
import { showLimits } from '../../limits.ts';

type Settings = ProjectPageInput['settings'];

const SOURCE_WORDS: Readonly<Record<Source['kind'], string>> = {
  pull: 'metrics endpoint',
  prometheus: 'Prometheus',
  otlp: 'OpenTelemetry',
};

/** How the project is set, and when its source was last read. */
export async function settingsOf(deps: HttpDeps, project: Project, env: string): Promise<Settings> {
  const reads = (await readEnvironments(deps.projects, project.id)).find((one) => one.env === env);
  const nowMs = deps.lifecycle.now();
  const error = reads?.lastError;
  const isFailing = error != null && (reads?.lastReadAt == null || error.at > reads.lastReadAt);
  const source =
    reads?.sourceKind == null
      ? 'none is active yet: PUT /projects/{id}/endpoint, then test it'
      : `${SOURCE_WORDS[reads.sourceKind]}, ${reads.lastReadAt === null ? 'not read yet' : `read ${ago(reads.lastReadAt.getTime(), nowMs)}${tookText(reads)}`}`;
  return [
    { name: 'Observed for', value: `${project.observationWindowMinutes} minutes` },
    {
      name: 'Baseline',
      value: project.baseline === 'continuous' ? 'kept ready, one reading a minute' : 'read at the trigger',
    },
    { name: 'Limits', value: limitsText(project) },
    { name: 'Source', value: source, ...(reads?.sourceKind == null ? { isBad: true } : {}) },
    ...(isFailing && error != null
      ? [{ name: 'Last error', value: `${error.error}, ${ago(error.at.getTime(), nowMs)}`, isBad: true }]
      : []),
    ...(project.hmacEnabled ? [{ name: 'Signature', value: 'requests are signed' }] : []),
  ];
}

/** `, 12 ms`, of the reading that was the last one. */
function tookText({ reading, lastReadAt }: EnvironmentReads): string {
  if (reading === null || reading.readMs === null || reading.at.getTime() !== lastReadAt?.getTime()) return '';
  return `, ${Math.max(1, Math.round(reading.readMs))} ms`;
}

/** What a deployment that started now in this environment, which is in a bad state, would be compared with. */
export async function comparedNext({ lifecycle }: HttpDeps, projectId: string, env: string): Promise<string | null> {
  const { db, now, settings } = lifecycle;
  const context = await lifecycle.findTriggerContext({ projectId, env, idempotencyKey: null, found: null });
  if (context.source === null) return null;
  const { source, samples } = await chooseBaseline(db, {
    projectId,
    env,
    mode: context.baseline,
    endpoint: identityOf(context.source),
    series: context.baselineSeries,
    past: null,
    hasHistory: context.hasHistory,
    nowMs: now(),
    keptHours: settings.baselineHours,
  });
  const newest = samples.at(-1);
  if (source !== 'last_good' || newest === undefined) return 'what is read at its trigger';
  const count = samples.length === 1 ? 'one reading' : `${samples.length} readings`;
  return `the last good baseline, ${count} until ${timeNear(newest.collectedAtMs, now())}`;
}

/** Where an environment's source is asked, without what may be a secret in it; null: nowhere, or it pushes. */
export async function sourceAddress({ lifecycle }: HttpDeps, projectId: string, env: string): Promise<string | null> {
  const { source } = await lifecycle.findTriggerContext({ projectId, env, idempotencyKey: null, found: null });
  if (source === null || source.kind === 'otlp') return null;
  const { origin, pathname } = new URL(source.kind === 'pull' ? source.url : source.settings.url);
  return `${origin}${pathname}`;
}

/** `default, but p95 latency 50 %` */
function limitsText(project: Project): string {
  const { limits, limits_set: set } = showLimits(project.limits);
  if (set.length === 0) return 'default';
  const own = LIMIT_FIELDS.filter(({ wire }) => set.includes(wire)).map(
    ({ wire, name, unit, factor }) => `${name} ${Number(((limits[wire] ?? 0) / factor).toPrecision(6))}${unit}`,
  );
  return `${set.length === LIMIT_FIELDS.length ? '' : 'default, but '}${own.join(', ')}`;
}

/** How often the alarms were right, by what people marked, and how sure that is. */
export function precisionText(counts: ReadonlyMap<VerdictName, Counted>): string {
  const { precision, byVerdict, missed } = summarizeFeedback(counts);
  const given = byVerdict.attention.given + byVerdict.rollback_recommended.given;
  const correct = byVerdict.attention.correct + byVerdict.rollback_recommended.correct;
  const alarms = (counts.get('attention')?.total ?? 0) + (counts.get('rollback_recommended')?.total ?? 0);
  if (precision === null) {
    return alarms === 0
      ? 'There was no alarm yet.'
      : `Nobody has marked one of ${alarms === 1 ? 'one alarm' : `${alarms} alarms`} yet: each report has two buttons.`;
  }
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  const few = given < 20 ? 'With so few, the' : 'The';
  const faults =
    missed === 0 ? '' : ` ${capitalised(counted(missed))} ${missed === 1 ? 'fault was' : 'faults were'} missed.`;
  return `Of ${given} marked ${given === 1 ? 'alarm' : 'alarms'} people marked ${correct} as right. ${few} share lies between ${percent(precision.low)} and ${percent(precision.high)}.${faults}`;
}

const QUIET_DAYS = 1;

/** An A/A check reckons for a while: it is made when asked for. */
export async function quietCheck(
  deps: HttpDeps,
  project: Project,
  env: string,
  isAsked: boolean,
): Promise<ProjectPageInput['quiet']> {
  if (project.baseline !== 'continuous') return null;
  if (!isAsked) {
    return {
      text: 'A/A check: how often quiet times would have alarmed',
      href: projectHref(project.id, { env, check: 'quiet' }, '#trust'),
    };
  }
  const checked = await checkQuietTimes(deps.lifecycle, { projectId: project.id, env, days: QUIET_DAYS, limits: {} });
  if (isRefusal(checked)) return { text: checked.detail, href: null };
  const { pairs, alarms } = checked.check;
  const text =
    pairs === 0
      ? 'A/A check: too few quiet readings are kept yet to compare any.'
      : `A/A check: ${alarms} of ${pairs} quiet pairs would alarm.`;
  return { text, href: null };
}
