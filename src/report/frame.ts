import type { Report } from './report.ts';

/**
 * The time axis that all plots of a report share, in thousandths of the field's width. Only what matters is to scale: a
 * baseline that is older than the trigger, and a rollout that takes long, are cut and the cuts marked.
 */
export interface Frame {
  readonly x: (atMs: number) => number;
  /** The deployment's band. */
  readonly band: { readonly from: number; readonly to: number };
  /** Where the axis is cut. */
  readonly cuts: readonly number[];
  readonly fromMs: number;
  readonly triggeredMs: number;
  readonly untilMs: number;
  /** From which the samples after are to come; null while the pipeline runs. */
  readonly afterMs: number | null;
}

const EDGE = 16;
const WIDTH = 1000 - 2 * EDGE;
const MINUTE_MS = 60_000;
/** A baseline that ended earlier before the trigger is cut off from it. */
const MAX_GAP_MS = 5 * MINUTE_MS;
/** Of the axis. */
const CUT_GAP = 0.05;
const MAX_BAND = 0.2;
/** Before and after each have at least this share, however short one of them was. */
const MIN_SIDE = 0.25;

/** null: nothing was read, so there is nothing to draw. */
export function frameOf(report: Report): Frame | null {
  const pre = report.used.filter(({ phase }) => phase === 'pre').map(timeOf);
  const post = report.used.filter(({ phase }) => phase === 'post').map(timeOf);
  const startedMs = report.startedAtMs;
  const finishedMs = report.finishedAtMs;
  if (pre.length === 0 && post.length === 0) return null;
  // What was left out because it is older is drawn too.
  const older = report.unused.map(({ sample }) => timeOf(sample)).filter((atMs) => Number.isFinite(atMs));
  const fromMs = Math.min(startedMs, ...pre, ...older);
  // Where the baseline was read at the trigger, the rollout is drawn from its last reading on.
  const bandFromMs = Math.max(startedMs, ...pre);
  const bandToMs = Math.max(bandFromMs, finishedMs ?? Math.min(report.nowMs, bandFromMs + MINUTE_MS));
  const untilMs = Math.max(bandToMs, report.observedUntilMs ?? bandToMs, ...post);
  const lastPreMs = pre.length === 0 ? fromMs : Math.max(...pre);

  const before = Math.max(MINUTE_MS / 4, lastPreMs - fromMs);
  const after = Math.max(MINUTE_MS / 4, untilMs - bandToMs);
  const gap = bandFromMs - lastPreMs;
  const band = bandToMs - bandFromMs;
  const sides = before + after;
  const [shownBefore, shownAfter] = [Math.max(before, MIN_SIDE * sides), Math.max(after, MIN_SIDE * sides)];
  const isGapCut = gap > MAX_GAP_MS;
  const shownGap = isGapCut ? CUT_GAP * sides : gap;
  const isBandCut = band > MAX_BAND * (shownBefore + shownGap + shownAfter + band);
  const shownBand = isBandCut ? MAX_BAND * sides : band;
  const scale = WIDTH / (shownBefore + shownGap + shownBand + shownAfter);

  const stops: [atMs: number, x: number][] = [[fromMs, EDGE]];
  const stop = (atMs: number, length: number) => stops.push([atMs, (stops.at(-1)?.[1] ?? EDGE) + length * scale]);
  stop(Math.max(lastPreMs, fromMs + 1), shownBefore);
  stop(bandFromMs, shownGap);
  stop(bandToMs, shownBand);
  stop(Math.max(untilMs, bandToMs + 1), shownAfter);
  const [, , bandStop, afterStop] = stops as [unknown, [number, number], [number, number], [number, number]];
  const lastPre = stops[1] as [number, number];
  const cuts = [
    ...(isGapCut || shownBefore > before ? [(lastPre[1] + bandStop[1]) / 2 - (isGapCut ? 0 : 6)] : []),
    ...(isBandCut ? [(bandStop[1] + afterStop[1]) / 2] : []),
  ];
  return {
    x: (atMs) => interpolated(stops, atMs),
    band: { from: bandStop[1], to: afterStop[1] },
    cuts,
    fromMs,
    triggeredMs: startedMs,
    untilMs,
    afterMs: finishedMs,
  };
}

const timeOf = ({ collected_at }: { readonly collected_at: string }): number => Date.parse(collected_at);

/** Linear between the stops, and at their ends beyond them. */
function interpolated(stops: readonly (readonly [number, number])[], atMs: number): number {
  for (let i = 1; i < stops.length; i += 1) {
    const [fromMs, from] = stops[i - 1] as [number, number];
    const [toMs, to] = stops[i] as [number, number];
    if (atMs <= toMs || i === stops.length - 1) {
      const share = toMs === fromMs ? 1 : (atMs - fromMs) / (toMs - fromMs);
      return from + Math.max(0, Math.min(1, share)) * (to - from);
    }
  }
  return EDGE;
}
