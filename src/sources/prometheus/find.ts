import { PRESET_NAMES, type PresetName, type PrometheusSettings } from '../../model/source.ts';
import { PRESETS } from './presets.ts';
import { expand, MIN_WINDOW_SECONDS } from './queries.ts';
import { isFailed, type Session } from './session.ts';

/** Scrapes in a window: with fewer than two rate() is empty, with four it stands a scrape that failed. */
const SCRAPES_IN_WINDOW = 4;
/** Seconds over which scrapes are counted. */
const COUNTED_SECONDS = 600;
/** Seconds: what people set. Counting is off by one scrape. */
const USUAL_INTERVALS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300];
const NEAR = 0.12;

/** Tried one after the other where scrapes can't be counted: queries of somebody's own. */
const TRIED_WINDOWS = [60, 120, 240];

/** The first preset whose series the selector meets; null: none. */
export async function findPreset(
  session: Session,
  settings: PrometheusSettings,
  atMs: number,
): Promise<PresetName | null> {
  const met = await Promise.all(
    PRESET_NAMES.map(async (name) => {
      const { metric, mark } = PRESETS[name];
      return (await hasSeries(session, settings, metric, atMs)) && (await hasSeries(session, settings, mark, atMs));
    }),
  );
  return PRESET_NAMES[met.indexOf(true)] ?? null;
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
  /** null: it could not be counted. */
  readonly scrapeIntervalSeconds: number | null;
}

/** max(60 s, 4 × scrape interval): from the scrapes of the last ten minutes, else what makes rate() answer. */
export async function findWindow(session: Session, settings: PrometheusSettings, atMs: number): Promise<FoundWindow> {
  if (settings.preset !== null) {
    const { metric } = PRESETS[settings.preset];
    const counted = await session.instant(
      `max(count_over_time(${expand(metric, settings)}[${COUNTED_SECONDS}s]))`,
      atMs,
    );
    const scrapes = counted.outcome === 'ok' ? (counted.series[0]?.points[0]?.[1] ?? 0) : 0;
    // One scrape tells no interval: the application has just come.
    if (scrapes >= 2) {
      const scrapeIntervalSeconds = usualInterval(COUNTED_SECONDS / (scrapes - 0.5));
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

function usualInterval(seconds: number): number {
  const usual = USUAL_INTERVALS.find((interval) => Math.abs(seconds - interval) <= NEAR * interval);
  return usual ?? Math.max(1, Math.round(seconds));
}
