import { CUSTOM } from '../verdict/types.ts';
import { type Compared, comparedOf } from './compared.ts';
import { type FirstBeyond, firstBeyond } from './first-beyond.ts';
import { headlineOf, listed } from './headline.ts';
import { type LaterNote, laterNotes } from './late.ts';
import { type MetricReport, metricReports } from './metric-report.ts';
import { notesOf } from './notes.ts';
import { openMetrics } from './open-metrics.ts';
import { type Origin, originOf } from './origin.ts';
import { type Step, stepsOf } from './steps.ts';
import { hourMinute } from './times.ts';
import type { ReportedCount, ReportedDeployment, ReportedSample, ReportedVerdict } from './wire.ts';
import { BADGE, capitalised, SHORT, type Tone, worthOf } from './words.ts';

/** What people read of one deployment, whatever shows it: page, Markdown, picture, terminal, mail. Plain text, no markup. */
export interface Report {
  readonly id: string;
  readonly number: number;
  readonly project: string;
  readonly env: string;
  readonly tone: Tone;
  /** `Rollback recommended`, */
  readonly badge: string;
  /** and where there is little room, `Rollback`. */
  readonly short: string;
  /** For a title or a subject: `Rollback: checkout #128 in prod`. */
  readonly title: string;
  /** What happened, one sentence with its full stop. */
  readonly sentence: string;
  /** The same for a list: no full stop, at most 120 characters. */
  readonly headline: string;
  /** What the verdict is worth, what did not get worse, what could not be judged: sentences. */
  readonly worth: string;
  /** What a reader would misread without it: an early verdict, superseded, abandoned, a failed pipeline. Sentences. */
  readonly notes: readonly string[];
  /** What later looks at an `ok` said, what got worse first; the verdict stays as it was. */
  readonly later: readonly LaterNote[];
  readonly lookFirst: FirstBeyond | null;
  /** What else the evidence holds: what followed, what moved too, failed tries, the trace. Sentences. */
  readonly hints: readonly string[];
  readonly compared: Compared;
  readonly failedReads: { readonly tries: number; readonly last: string; readonly lastAtMs: number } | null;
  /** Nobody announced it. */
  readonly isDetected: boolean;
  readonly origin: Origin;
  readonly steps: readonly Step[];
  /** The worst first, then those that did not fail. */
  readonly metrics: readonly MetricReport[];
  readonly samples: readonly ReportedSample[];
  /** What the verdict rests on. */
  readonly used: readonly ReportedSample[];
  /** The others, which plots only mark. */
  readonly unused: readonly { readonly sample: ReportedSample; readonly why: string }[];
  readonly counts: { readonly before: ReportedCount; readonly after: ReportedCount };
  /** `1 before: read 41 s late, may already show the new version` */
  readonly leftOut: readonly string[];
  readonly feedback: { readonly correct: boolean; readonly note: string | null; readonly givenAtMs: number } | null;
  /** null while nothing is to be expected any more. */
  readonly dueAtMs: number | null;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | null;
  readonly observedUntilMs: number | null;
  /** The engine's whole sentence; null without a verdict. */
  readonly summary: string | null;
  readonly url: string | null;
  readonly nowMs: number;
}

/**
 * The report of a deployment as the API answers it.
 *
 * @param now epoch milliseconds: what "in 3 min" counts from.
 * @param samples as GET /deployments/{id}/metrics has them; without them there is nothing to draw, and no first sample
 *   beyond a limit.
 */
export function reportOf(deployment: ReportedDeployment, now: number, samples: readonly ReportedSample[] = []): Report {
  const { verdict } = deployment;
  const tone = toneOf(deployment);
  const used = usedSamples(deployment, samples);
  const counted = new Set(used);
  const metrics = metricsOf(deployment, used);
  const headline = headlineFor(deployment, tone, metrics);
  const steps = stepsOf(deployment, now);
  return {
    id: deployment.id,
    number: deployment.number,
    project: deployment.project,
    env: deployment.env,
    tone,
    badge: BADGE[tone],
    short: SHORT[tone],
    title: `${SHORT[tone]}: ${deployment.project} #${deployment.number} in ${deployment.env}`,
    sentence: `${headline}.`,
    headline,
    worth: worth(tone, verdict, metrics),
    notes: notesOf(deployment, tone),
    later: laterNotes(deployment),
    lookFirst: firstBeyond(metrics, used),
    hints: (verdict?.hints ?? []).filter(({ kind }) => FURTHER_HINTS.has(kind)).map(({ text }) => text),
    compared: comparedOf(deployment, now),
    failedReads: failedReadsOf(deployment),
    isDetected: deployment.origin === 'detected',
    origin: originOf(deployment),
    steps,
    metrics,
    samples,
    used,
    unused: samples
      .filter((sample) => !counted.has(sample))
      .map((sample) => ({ sample, why: sample.left_out ?? 'not part of the baseline' })),
    counts: deployment.samples ?? countsOf(samples),
    leftOut: (verdict?.left_out ?? []).map(
      ({ phase, count, text }) => `${count} ${phase === 'pre' ? 'before' : 'after'}: ${text}`,
    ),
    feedback: feedbackOf(deployment),
    dueAtMs: timeOf(deployment.verdict_due_at),
    startedAtMs: Date.parse(deployment.started_at),
    finishedAtMs: timeOf(deployment.finished_at),
    observedUntilMs: steps.find(({ label }) => label === 'Observed until')?.atMs ?? null,
    summary: verdict?.summary ?? null,
    url: deployment.html_url ?? null,
    nowMs: now,
  };
}

/** Samples read at the trigger are stored also where the baseline kept ready, or the last good one, stands for them. */
function usedSamples({ verdict }: ReportedDeployment, all: readonly ReportedSample[]): readonly ReportedSample[] {
  const samples = all.filter(({ left_out: leftOut }) => leftOut === undefined);
  const isReplaced = verdict?.left_out?.some(({ phase, reason }) => phase === 'pre' && reason === 'other_baseline');
  const isKept = samples.some((sample) => sample.from_baseline === true);
  if (!isKept || isReplaced === false) return samples;
  return samples.filter((sample) => sample.phase === 'post' || sample.from_baseline === true);
}

/** Where too little was read the verdict has no levels: those of what was read are shown, not judged. */
function metricsOf({ verdict, limits }: ReportedDeployment, samples: readonly ReportedSample[]): MetricReport[] {
  if (verdict === null) return openMetrics(samples, limits ?? {});
  const judged = metricReports(verdict.details);
  if (verdict.verdict !== 'insufficient_data') return judged;
  const open = new Map(openMetrics(samples).map((metric) => [metric.key, metric]));
  return judged.map((metric) => {
    const { quantity, name, numbers, before, after } = open.get(metric.key) ?? metric;
    return {
      ...metric,
      quantity,
      name,
      numbers: { ...metric.numbers, baseline: numbers.baseline, observed: numbers.observed },
      before,
      after,
    };
  });
}

const timeOf = (time: string | null | undefined): number | null => (typeof time === 'string' ? Date.parse(time) : null);

const TONE_OF_VERDICT = {
  ok: 'ok',
  attention: 'attention',
  rollback_recommended: 'rollback',
  insufficient_data: 'no-data',
} as const;

export function toneOf({ state, verdict }: Pick<ReportedDeployment, 'state' | 'verdict'>): Tone {
  if (verdict !== null) return TONE_OF_VERDICT[verdict.verdict];
  return ({ running: 'running', finished: 'observing', abandoned: 'abandoned', analyzed: 'no-data' } as const)[state];
}

function headlineFor(deployment: ReportedDeployment, tone: Tone, metrics: readonly MetricReport[]): string {
  const { verdict, samples } = deployment;
  if (verdict !== null) {
    if (tone === 'no-data') return `Not judged: ${whyNotJudged(verdict, samples?.after)}`;
    // A name of somebody's own keeps its case.
    if (tone !== 'ok') return metrics[0]?.metric === CUSTOM ? headlineOf(verdict) : capitalised(headlineOf(verdict));
    const isBeside = metrics.some(({ proof }) => proof.includes('The control went from'));
    const nothing = isBeside ? 'Nothing got worse than at the control' : 'Nothing got worse';
    const judged = metrics.filter(({ outcome }) => outcome !== 'not-judged').length;
    if (judged < metrics.length) return `${nothing} in ${judged} of ${metrics.length} metrics`;
    const isSmall = metrics.some(({ proof }) => proof.includes('less than matters'));
    return isSmall ? 'Nothing got worse by as much as matters' : nothing;
  }
  if (tone === 'abandoned') {
    return deployment.superseded_by === null
      ? 'Not judged: the pipeline never said that it had finished'
      : 'Not judged: a newer deployment took its place';
  }
  if (tone === 'running') return 'The pipeline is still running';
  const due = deployment.verdict_due_at;
  const after = samples?.after;
  const came = after === undefined ? 'Being observed' : `${after.collected} of ${after.expected} samples so far`;
  return typeof due === 'string' ? `${came}, verdict due ${hourMinute(Date.parse(due))}` : came;
}

/** The engine's sentence without its first words, which the badge says, and without what stands beside it. */
function whyNotJudged({ summary }: ReportedVerdict, after: ReportedCount | undefined): string {
  if (after?.collected === 0) return 'no sample could be read after the deployment';
  const told = summary
    .replace(/^((insufficient data|not enough data|not judged): *)+/i, '')
    .replace(/\.$/, '')
    // The engine's notes stand last, and may hold brackets of their own.
    .replace(/ \(\d+ of \d+ samples .*\)$/, '');
  if (told === '') return 'not enough data';
  return /^[A-Z][a-z]/.test(told) ? told.charAt(0).toLowerCase() + told.slice(1) : told;
}

function worth(tone: Tone, verdict: ReportedVerdict | null, metrics: readonly MetricReport[]): string {
  if (verdict === null) return '';
  if (tone === 'no-data') return 'This says nothing about the deployment itself, neither good nor bad.';
  const names = (outcome: MetricReport['outcome']) =>
    metrics.filter((metric) => metric.outcome === outcome).map(({ name }) => name);
  const passed = names('passed');
  const unjudged = names('not-judged');
  return [
    worthOf(tone !== 'ok', verdict.trust?.right_share ?? null, (verdict.others?.suspects ?? 0) > 0),
    tone === 'ok' || passed.length === 0 ? '' : `${listed(passed)} did not get worse.`,
    unjudged.length === 0 ? '' : `${listed(unjudged)} could not be judged.`,
  ]
    .filter((text) => text !== '')
    .join(' ');
}

/** The others stand elsewhere in a report: where to look first, what did not move, what was left out. */
const FURTHER_HINTS: ReadonlySet<string> = new Set(['moved_later', 'moved_with', 'reads', 'trace']);

function failedReadsOf({ failed_reads: failed }: ReportedDeployment): Report['failedReads'] {
  if (failed === undefined || failed.last === null) return null;
  return { tries: failed.tries, last: failed.last.error, lastAtMs: Date.parse(failed.last.at) };
}

function feedbackOf({ feedback }: ReportedDeployment): Report['feedback'] {
  if (feedback === null || feedback === undefined) return null;
  return { correct: feedback.correct, note: feedback.note, givenAtMs: Date.parse(feedback.given_at) };
}

function countsOf(samples: readonly ReportedSample[]): Report['counts'] {
  const of = (phase: string) => {
    const count = samples.filter((sample) => sample.phase === phase).length;
    return { expected: count, collected: count };
  };
  return { before: of('pre'), after: of('post') };
}
