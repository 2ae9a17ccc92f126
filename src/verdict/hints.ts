import { admit, type Window } from './admit.ts';
import { leftOutClause } from './caveats.ts';
import { measureOf } from './custom/measure-of.ts';
import { measuredCustom } from './custom/measured.ts';
import { levels } from './figures.ts';
import { readsClause } from './hint-reads.ts';
import { HINT_NAMES, timeOf, waitOf } from './hint-words.ts';
import { measuredQuantity } from './measured.ts';
import { falls } from './sentences.ts';
import { listed } from './summary.ts';
import { DEFAULT_TUNING } from './tuning.ts';
import { CUSTOM, type Finding, type FindingMetric, type Hint, type JudgeInput, type Judgement } from './types.ts';

/** What is known of a deployment beside its samples. */
export interface HintFacts {
  /** When the pipeline ended, epoch milliseconds; null: not known. */
  readonly finishedAtMs: number | null;
  /** Tries to read that failed, and what the last one met; null: none did. */
  readonly failedReads: { readonly tries: number; readonly lastError: string } | null;
  /** The trace that the deployment's trigger was part of, where one is recorded. */
  readonly traceId: string | null;
}

/** A metric that failed, and since when. */
interface Onset {
  readonly finding: Finding;
  /** Its first sample after from which on at least half are beyond the threshold, epoch milliseconds. */
  readonly sinceMs: number;
}

/** Share of the samples from an onset on, and of its first three, that must be beyond: one early peak is no beginning. */
const STAYS_SHARE = 0.5;
const FIRST_SAMPLES = 3;
/** Of the limit: what moved less did not move. */
const NOTABLE_SHARE = 0.5;

/**
 * What to look at first, from the evidence: which metric moved first and since when, what moved with it and what did not,
 * reads that were late or failed, what was left out, the trace. Facts alone, no guess at a cause. None for `ok`; of
 * `insufficient_data` what is known of the reading.
 */
export function hintsOf(
  { verdict, details, leftOut }: Pick<Judgement, 'verdict' | 'details' | 'leftOut'>,
  input: Pick<JudgeInput, 'pre' | 'post' | 'intervalMs' | 'expectedPost'>,
  facts: HintFacts,
): Hint[] {
  if (verdict === 'ok') return [];
  const { intervalMs } = input;
  const { after } = admit(input.pre, input.post, { baselineSamples: DEFAULT_TUNING.baselineSamples, intervalMs });
  const reads = readsClause({ after: after.samples, expected: input.expectedPost, failed: facts.failedReads });
  const left = leftOutClause(leftOut);
  return [
    ...movementsOf(details, after, facts.finishedAtMs),
    ...(reads === null ? [] : [plain('reads', reads)]),
    ...(left === null ? [] : [plain('left_out', `L${left.slice(1)}.`)]),
    ...(facts.traceId === null
      ? []
      : [{ ...plain('trace', `The deployment’s steps are in the trace ${facts.traceId}.`), traceId: facts.traceId }]),
  ];
}

function plain(kind: Hint['kind'], text: string): Hint {
  return { kind, text, metrics: [], sinceMs: null, traceId: null };
}

function movementsOf(details: readonly Finding[], after: Window, finishedAtMs: number | null): Hint[] {
  const failed = details.filter(({ severity }) => severity !== 'none');
  const onsets = failed
    .map((finding) => ({ finding, sinceMs: onsetMs(finding, after) }))
    .filter((onset): onset is Onset => onset.sinceMs !== null);
  const firstMs = Math.min(...onsets.map(({ sinceMs }) => sinceMs));
  const first = onsets.filter(({ sinceMs }) => sinceMs === firstMs);
  if (first.length === 0) return [];
  const later = Map.groupBy(
    onsets.filter(({ sinceMs }) => sinceMs > firstMs),
    ({ sinceMs }) => sinceMs,
  );
  const passed = details.filter(({ severity, evidence }) => severity === 'none' && evidence.notJudged === null);
  return [
    {
      ...plain('moved_first', firstText(first, firstMs, after, finishedAtMs)),
      ...of(first.map(({ finding }) => finding)),
      sinceMs: firstMs,
    },
    ...[...later]
      .sort(([one], [other]) => one - other)
      .map(([sinceMs, group]) => ({
        ...plain(
          'moved_later',
          `${named(group)} followed from ${timeOf(sinceMs)} on, ${waitOf(sinceMs - firstMs)} later.`,
        ),
        ...of(group.map(({ finding }) => finding)),
        sinceMs,
      })),
    ...besides('moved_with', passed.filter(hasMoved)),
    ...besides(
      'did_not_move',
      passed.filter((finding) => !hasMoved(finding)),
    ),
  ];
}

const of = (findings: readonly Finding[]): { metrics: FindingMetric[] } => ({
  metrics: findings.map(({ metric }) => metric),
});

function firstText(first: readonly Onset[], sinceMs: number, { samples }: Window, finishedAtMs: number | null): string {
  const place = samples.findIndex(({ collectedAtMs }) => collectedAtMs === sinceMs) + 1;
  const waited = finishedAtMs === null ? 0 : sinceMs - finishedAtMs;
  const wait = waited < 1000 ? '' : `, ${waitOf(waited)} after the pipeline ended`;
  const at = `from ${timeOf(sinceMs)} on, with sample ${place} of ${samples.length} after the deployment${wait}`;
  return `${named(first)} moved first, ${at}.`;
}

/** "p95 latency (above 245 ms) and errors (above 0.8 %)". */
function named(onsets: readonly Onset[]): string {
  const names = onsets.map(({ finding }) => {
    const { threshold, rule } = finding.evidence;
    if (isClimb(rule) || threshold === null) return `${hintName(finding)} (a steady climb)`;
    const measure = measureOf(finding);
    const [level = ''] = levels(measure, [threshold]);
    return `${hintName(finding)} (${falls(measure) ? 'below' : 'above'} ${level})`;
  });
  return sentenceOf(
    onsets.map(({ finding }) => finding),
    listed(names),
  );
}

function besides(kind: 'moved_with' | 'did_not_move', findings: readonly Finding[]): Hint[] {
  if (findings.length === 0) return [];
  const told =
    kind === 'moved_with'
      ? `Moved too, without failing: ${findings.map(movement).join('; ')}.`
      : `${sentenceOf(findings, listed(findings.map(hintName)))} did not move by as much as half of what matters.`;
  return [{ ...plain(kind, told), ...of(findings) }];
}

/** "CPU rose from 31 % to 42 %". */
function movement(finding: Finding): string {
  const { baseline, observed } = finding;
  const [from = '', to = ''] = levels(measureOf(finding), [baseline ?? 0, observed ?? 0]);
  return `${hintName(finding)} ${(observed ?? 0) > (baseline ?? 0) ? 'rose' : 'fell'} from ${from} to ${to}`;
}

/** More than chance, and by a good part of what matters, for the worse or for the better. */
function hasMoved({ baseline, observed, evidence: { change, interval, limit } }: Finding): boolean {
  if (change === null || interval === null || limit === null || baseline === null || observed === null) return false;
  if (baseline === observed) return false;
  return (interval.low > 0 || interval.high < 0) && Math.abs(change) >= NOTABLE_SHARE * limit;
}

const isClimb = (rule: Finding['evidence']['rule']) => rule === 'leak' || rule === 'refill';

/** null: no sample is beyond the threshold, which a metric that fails without its samples does not happen to be. */
function onsetMs(finding: Finding, after: Window): number | null {
  const { rule, threshold } = finding.evidence;
  const measure = measureOf(finding);
  const { samples, values } =
    typeof measure === 'string'
      ? measuredQuantity(after, measure)
      : measuredCustom(after, { ...measure, isCounted: false });
  // A climb is found over the whole window.
  if (isClimb(rule) || threshold === null) return samples[0]?.collectedAtMs ?? null;
  const worse = falls(measure) ? -1 : 1;
  const beyond = values.map((value) => worse * (value - threshold) > 0);
  const isMostly = (part: readonly boolean[]) => part.filter(Boolean).length >= STAYS_SHARE * part.length;
  const stays = (from: number) =>
    beyond[from] === true && isMostly(beyond.slice(from)) && isMostly(beyond.slice(from, from + FIRST_SAMPLES));
  const from = beyond.findIndex((_, index) => stays(index));
  return samples[from === -1 ? beyond.indexOf(true) : from]?.collectedAtMs ?? null;
}

function hintName(finding: Finding): string {
  const measure = measureOf(finding);
  return typeof measure === 'string' ? HINT_NAMES[measure] : measure.name;
}

/** With a capital, unless it begins with a name of somebody's own. */
const sentenceOf = ([first]: readonly Finding[], text: string): string =>
  first?.metric === CUSTOM ? text : capital(text);

const capital = (text: string): string => (/^p95/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1));
