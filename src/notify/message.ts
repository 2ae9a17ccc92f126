import type { MessageEvent, OccurrenceFacts, OutboxMessage } from '../model/notification.ts';
import { told } from '../report/metric-report.ts';
import { type Report, reportOf } from '../report/report.ts';
import { hourMinute } from '../report/times.ts';
import type { ReportedDeployment, ReportedSample } from '../report/wire.ts';

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

type Told = Pick<OutboxMessage, 'event' | 'facts' | 'occurredAt'>;

const COMMIT_CHARACTERS = 12;

/** What a verdict, or the change of an environment that came of it, is told by. */
export function messageOfDeployment(message: Told, place: Place, { deployment, samples }: ToldDeployment): Message {
  const { event, facts, occurredAt } = message;
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
    notes: [...lookFirst(report, failed.length), ...environmentNotes(facts, place.env), ...report.notes],
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
    data: { ...dataOf(message, place), deployment, look_first: report.lookFirst?.metric ?? null },
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
  environment_bad: 'environment.bad',
  environment_recovered: 'environment.recovered',
  source_failing: 'source.failing',
  source_recovered: 'source.recovered',
  test: 'notification.test',
};

function titleOf(event: MessageEvent, report: Report): string {
  const place = `${report.project} #${report.number} in ${report.env}`;
  if (event === 'environment_bad') return `Worse since ${place}`;
  return event === 'environment_recovered' ? `Recovered: ${place}` : report.title;
}

/** Facts of the samples alone: which metric, since when, and what moved with it. */
function lookFirst({ lookFirst: first, metrics }: Report, failedCount: number): string[] {
  if (first === null) return [];
  const others = metrics
    .filter(({ outcome, metric }) => outcome === 'failed' && metric !== first.metric)
    .map(({ name, change }) => (change === null ? name : `${name} ${change}`));
  const along = failedCount > 1 && others.length > 0 ? ` What moved as well: ${others.join(', ')}.` : '';
  return [`Look first at ${first.name}: ${first.text} (UTC).${along}`];
}

function environmentNotes({ environment }: OccurrenceFacts, env: string | null): string[] {
  if (environment === undefined || env === null) return [];
  if (environment.changed) return [environment.state === 'bad' ? `${env} was good before.` : `${env} was bad before.`];
  return environment.state === 'bad' ? [`${env} has been bad before this deployment.`] : [];
}

function dataOf({ facts }: Told, { project, env }: Place): Record<string, unknown> {
  return { project, env, environment: facts.environment ?? null, source: facts.source ?? null };
}
