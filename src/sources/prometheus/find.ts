import { PRESET_NAMES, type PresetName, type PrometheusSettings } from '../../model/source.ts';
import { formOf, PRESETS } from './presets.ts';
import { expand, MIN_WINDOW_SECONDS } from './queries.ts';
import { isFailed, type Session } from './session.ts';

/** Scrapes in a window: with fewer than two rate() is empty, with four it stands a scrape that failed. */
const SCRAPES_IN_WINDOW = 4;
/** Seconds over which scrapes are looked at. */
const LOOKED_AT_SECONDS = 600;
/** Seconds: what people set. Scrapes come a little late, or early. */
const USUAL_INTERVALS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300];
const NEAR = 0.12;

/** Tried one after the other where scrapes can't be seen: queries of somebody's own. */
const TRIED_WINDOWS = [60, 120, 240];

export interface FoundPreset {
  readonly preset: PresetName;
  readonly isNative: boolean;
}

/**
 * The first preset whose series the selector meets, or the given one, in the form that they are met in; series of the
 * classic form go before native histograms. null: none.
 */
export async function findPreset(
  session: Session,
  settings: PrometheusSettings,
  atMs: number,
): Promise<FoundPreset | null> {
  const names = settings.preset === null ? PRESET_NAMES : [settings.preset];
  for (const isNative of [false, true]) {
    const met = await Promise.all(
      names.map(async (name) => {
        const { metric, mark, native } = PRESETS[name];
        if (isNative && native === undefined) return false;
        return (
          (await hasSeries(session, settings, isNative ? native?.metric : metric, atMs)) &&
          // Named, it need not be told from others.
          (settings.preset !== null || (await hasSeries(session, settings, mark, atMs)))
        );
      }),
    );
    const preset = names[met.indexOf(true)];
    if (preset !== undefined) return { preset, isNative };
  }
  return null;
}

async function hasSeries(
  session: Session,
  settings: PrometheusSettings,
  metric: string | undefined,
  atMs: number,
): Promise<boolean> {
  if (metric === undefined) return true;
  const counted = await session.instant(`count(${expand(metric, settings)})`, atMs);
  return counted.outcome === 'ok' && counted.series.length > 0;
}

export interface FoundWindow {
  readonly windowSeconds: number;
  /** null: it could not be found. */
  readonly scrapeIntervalSeconds: number | null;
}

/** max(60 s, 4 × scrape interval): from the latest scrapes, else what makes rate() answer. */
export async function findWindow(session: Session, settings: PrometheusSettings, atMs: number): Promise<FoundWindow> {
  if (settings.preset !== null) {
    const seconds = await findInterval(session, expand(formOf(settings.preset, settings).metric, settings), atMs);
    if (seconds !== null) {
      const scrapeIntervalSeconds = usualInterval(seconds);
      const windowSeconds = Math.max(MIN_WINDOW_SECONDS, SCRAPES_IN_WINDOW * scrapeIntervalSeconds);
      return { windowSeconds, scrapeIntervalSeconds };
    }
  }
  const tried = settings.queries.requests_per_sec ?? settings.queries.error_rate ?? settings.queries.latency_p95;
  if (tried?.includes('$window')) {
    for (const windowSeconds of TRIED_WINDOWS) {
      const answer = await session.instant(expand(tried, { ...settings, windowSeconds }), atMs);
      if (isFailed(answer) || answer.outcome === 'refused') break;
      if (answer.series.length > 0) return { windowSeconds, scrapeIntervalSeconds: null };
    }
  }
  return { windowSeconds: MIN_WINDOW_SECONDS, scrapeIntervalSeconds: null };
}

/**
 * Median seconds between the scrapes of the series that has the most. Not from their number: of an application that came a
 * minute ago (every one, after a rollout) ten minutes hold few. null: there are not two.
 */
async function findInterval(session: Session, metric: string, atMs: number): Promise<number | null> {
  const most = await session.instant(`topk(1, count_over_time(${metric}[${LOOKED_AT_SECONDS}s]))`, atMs);
  const labels = most.outcome === 'ok' ? most.series[0]?.labels : undefined;
  if (labels === undefined) return null;
  const exactly = Object.entries(labels)
    .filter(([label]) => label !== '__name__')
    .map(([label, value]) => `,${label}=${JSON.stringify(value)}`);
  const one = metric.replace(/,?\}$/, `${exactly.join('')}}`).replace('{,', '{');
  const scrapes = await session.instant(`${one}[${LOOKED_AT_SECONDS}s]`, atMs);
  const times = scrapes.outcome === 'ok' ? (scrapes.series[0]?.points ?? []).map(([scrapedMs]) => scrapedMs) : [];
  const gaps = times
    .slice(1)
    .map((time, index) => (time - (times[index] ?? 0)) / 1_000)
    .sort((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 2)] ?? null;
}

function usualInterval(seconds: number): number {
  const usual = USUAL_INTERVALS.find((interval) => Math.abs(seconds - interval) <= NEAR * interval);
  return usual ?? Math.max(1, Math.round(seconds));
}
