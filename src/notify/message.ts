import type { MessageEvent, OutboxMessage } from '../model/notification.ts';
import { judgedEarly } from '../report/early.ts';
import { judgedLate } from '../report/late.ts';
import { told } from '../report/metric-report.ts';
import { reportOf } from '../report/report.ts';
import { hourMinute } from '../report/times.ts';
import type { ReportedDeployment, ReportedSample } from '../report/wire.ts';
import { environmentNotes, lookFirst, titleOf } from './message-words.ts';

/** What is told, in plain text: each channel dresses it in its own way. */
export interface Message {
  readonly event: MessageEvent;
  /** As webhooks name it. */
  readonly type: string;
  readonly occurredAt: Date;
  /** `Rollback: checkout #128 in prod` */
  readonly title: string;
  /** What happened, one sentence with its full stop. */
  readonly sentence: string;
  /** The metrics that failed, the worst first. */
  readonly facts: readonly { readonly name: string; readonly text: string }[];
  /** What to look at first, and what would be misread without it: sentences. */
  readonly notes: readonly string[];
  /** Version, commit, branch, actor: those that CI gave. */
  readonly origin: readonly string[];
  /** http or https only. */
  readonly links: readonly { readonly label: string; readonly url: string }[];
  /** For programs. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface ToldDeployment {
  readonly deployment: ReportedDeployment;
  /** Oldest first. */
  readonly samples: readonly ReportedSample[];
}

/** Where something happened. */
export interface Place {
  /** null: in no project, the test of an installation's channel. */
  readonly project: { readonly id: string; readonly name: string } | null;
  readonly env: string | null;
}

const JUDGED_THEN: Partial<Record<MessageEvent, (stored: ReportedDeployment) => ReportedDeployment | null>> = {
  early_rollback: judgedEarly,
  late_attention: judgedLate,
};

type Told = Pick<OutboxMessage, 'event' | 'facts' | 'occurredAt'>;

const COMMIT_CHARACTERS = 12;

/** What a verdict, or the change of an environment that came of it, is told by. */
export function messageOfDeployment(
  message: Told,
  place: Place,
  { deployment: stored, samples }: ToldDeployment,
): Message {
  const { event, facts, occurredAt } = message;
  // What was said then: it may be sent only after the verdict.
  const deployment = JUDGED_THEN[event]?.(stored) ?? stored;
  const report = reportOf(deployment, occurredAt.getTime(), samples);
  const failed = report.metrics.filter(({ outcome }) => outcome === 'failed');
  const { origin } = report;
  return {
    event,
    type: TYPES[event],
    occurredAt,
    title: titleOf(event, report),
    sentence: report.sentence,
    facts: failed.map((metric) => ({
      name: metric.name,
      text: [
        `${told(metric.before)} → ${told(metric.after)}`,
        metric.change === null ? '' : ` (${metric.change})`,
      ].join(''),
    })),
    notes: [
      ...lookFirst(report, failed.length),
      ...report.later.map(({ text }) => text),
      ...environmentNotes(facts, place.env),
      ...report.notes,
    ],
    origin: [
      origin.version ?? '',
      origin.commit?.slice(0, COMMIT_CHARACTERS) ?? '',
      origin.branch ?? '',
      origin.actor ?? '',
    ].filter((text) => text !== ''),
    links: [
      ...(report.url === null ? [] : [{ label: 'Report', url: report.url }]),
      ...(origin.build === null ? [] : [{ label: 'Build', url: origin.build.url }]),
    ],
    data: { ...dataOf(message, place), deployment: stored, look_first: report.lookFirst?.metric ?? null },
  };
}

/** What is told of an environment's source. */
export function messageOfSource(message: Told, place: Place): Message {
  const { event, facts, occurredAt } = message;
  const where = `${place.project?.name ?? ''} in ${place.env ?? ''}`;
  const since = hourMinute(Date.parse(facts.source?.since ?? occurredAt.toISOString()));
  const isFailing = event === 'source_failing';
  return {
    ...bare(message, place),
    title: isFailing ? `Source failing: ${where}` : `Source back: ${where}`,
    sentence: isFailing
      ? `Its numbers can not be read since ${since} UTC: ${facts.source?.reason ?? 'nobody knows why'}.`
      : `Its numbers can be read again; they could not since ${since} UTC.`,
    notes: isFailing ? ['Deployments there are judged on fewer samples, or not at all, until it answers again.'] : [],
  };
}

export function testMessage(message: Told, place: Place): Message {
  const whose = place.project === null ? 'of the whole installation' : `of ${place.project.name}`;
  return {
    ...bare(message, place),
    title: 'Test of SeqPulse',
    sentence: `This is where the messages ${whose} will arrive.`,
  };
}

function bare(message: Told, place: Place): Message {
  const { event, occurredAt } = message;
  const nothing = { facts: [], notes: [], origin: [], links: [] };
  return { event, type: TYPES[event], occurredAt, title: '', sentence: '', ...nothing, data: dataOf(message, place) };
}

const TYPES: Readonly<Record<MessageEvent, string>> = {
  rollback_recommended: 'deployment.verdict',
  attention: 'deployment.verdict',
  ok: 'deployment.verdict',
  insufficient_data: 'deployment.verdict',
  early_rollback: 'deployment.preliminary',
  early_not_confirmed: 'deployment.verdict',
  late_attention: 'deployment.late_check',
  environment_bad: 'environment.bad',
  environment_recovered: 'environment.recovered',
  source_failing: 'source.failing',
  source_recovered: 'source.recovered',
  test: 'notification.test',
};

function dataOf({ facts }: Told, { project, env }: Place): Record<string, unknown> {
  return { project, env, environment: facts.environment ?? null, source: facts.source ?? null };
}
