import type { PrometheusSettings } from '../../model/source.ts';
import { PRESETS } from './presets.ts';
import { expand } from './queries.ts';
import { type Matcher, parseSelector, showMatcher } from './selector.ts';
import type { Session } from './session.ts';

/** Names that are listed to somebody who may have mistyped one. */
const MAX_NAMES = 20;

/**
 * Why a preset's series are not met, in words that say what to change: nothing of the kind is scraped, a matcher that
 * fits no series (and what there is instead), or matchers that only fit apart.
 */
export async function explainNoSeries(session: Session, settings: PrometheusSettings, atMs: number): Promise<string> {
  const parsed = parseSelector(settings.selector);
  const matchers = parsed.ok ? parsed.matchers : [];
  const metrics = settings.preset === null ? Object.values(PRESETS) : [PRESETS[settings.preset]];
  const without = (metric: string) => expand(metric, { ...settings, selector: '' });
  const present: string[] = [];
  for (const name of new Set(metrics.map(({ metric }) => without(metric)))) {
    if ((await valuesOf(session, `count(${name})`, '', atMs)).length > 0) present.push(name);
  }
  if (present.length === 0) {
    return settings.preset === null
      ? 'there is no series that a preset knows: does this Prometheus scrape the application? Else give queries of your own'
      : `there is no series ${without(PRESETS[settings.preset].metric)} at all: does this Prometheus scrape the application, and is ${JSON.stringify(settings.preset)} the right preset?`;
  }
  for (const matcher of matchers) {
    const missed = await explainMatcher(session, matcher, present, atMs);
    if (missed !== null) return missed;
  }
  return `no series match ${settings.selector}: each matcher fits some, but none fits all of them`;
}

/** null: some series fit it. */
async function explainMatcher(
  session: Session,
  matcher: Matcher,
  present: readonly string[],
  atMs: number,
): Promise<string | null> {
  const there = new Set<string>();
  for (const metric of present) {
    const fits = await session.instant(`count(${withMatcher(metric, showMatcher(matcher))})`, atMs);
    if (fits.outcome !== 'ok' || fits.series.length > 0) return null;
    const query = `count by (${matcher.label}) (${metric})`;
    for (const value of await valuesOf(session, query, matcher.label.replace(/^"|"$/g, ''), atMs)) there.add(value);
  }
  there.delete('');
  const shown = showMatcher(matcher);
  if (there.size === 0) return `no series match ${shown}: none of ${present.join(', ')} has a label ${matcher.label}`;
  const names = [...there].sort();
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  return `no series match ${shown}; there are: ${names.slice(0, MAX_NAMES).join(', ')}${more}`;
}

function withMatcher(metric: string, matcher: string): string {
  return metric.replace(/\}$/, `${matcher}}`);
}

/** Values of `label` in the answer; one empty one where the label is not there. */
async function valuesOf(session: Session, query: string, label: string, atMs: number): Promise<string[]> {
  const answer = await session.instant(query, atMs);
  return answer.outcome === 'ok' ? answer.series.map(({ labels }) => labels[label] ?? '') : [];
}
