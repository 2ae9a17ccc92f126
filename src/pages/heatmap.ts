import { joined } from '../report/figures.ts';
import { type Markup, markup, type Piece, unbroken } from '../report/markup.ts';
import type { MetricReport } from '../report/metric-report.ts';
import type { Report } from '../report/report.ts';
import { day, dayTime } from '../report/times.ts';
import { NAME } from '../report/words.ts';
import { METRICS, type MetricName } from '../verdict/types.ts';
import { ICON, icon } from './icons.ts';

export interface HeatmapInput {
  /** Oldest first. */
  readonly reports: readonly Report[];
  readonly env: string;
  readonly nowMs: number;
  /** The list of those in which this metric failed, and the list from this deployment on. */
  readonly metricHref: (metric: MetricName) => string;
  readonly fromHref: (report: Report) => string;
}

/** Fewer columns than this do not fill the width: a cell as wide as the page says nothing more. */
const FEW = 15;

/** Deployments × metrics: what got worse when, newest on the right. */
export function heatmap(input: HeatmapInput): Markup {
  const { reports, env } = input;
  const many = reports.length === 1 ? 'The only deployment' : `Last ${reports.length} deployments`;
  return markup`<section aria-labelledby="heat"><h2 id="heat">${many} in ${env} <span>${tally(reports)}</span></h2><div class="heatbox" role="region" aria-label="The last deployments" tabindex="0"><table class="${reports.length < FEW ? 'heat few' : 'heat'}"><thead>${days(input)}${numbers(input)}</thead><tbody>${verdictRow(input)}${METRICS.map((metric) => metricRow(input, metric))}</tbody></table></div>${KEY}</section>`;
}

function tally(reports: readonly Report[]): string {
  const count = (tone: Report['tone']) => reports.filter((report) => report.tone === tone).length;
  return [
    [count('ok'), 'ok'],
    [count('attention'), 'attention'],
    [count('rollback'), 'rollback'],
    [count('no-data'), 'without data'],
    [count('abandoned'), 'abandoned'],
    [count('observing') + count('running'), 'under way'],
  ]
    .filter(([number]) => number !== 0)
    .map(([number, word]) => `${number} ${word}`)
    .join(' · ');
}

/** Columns that a date takes at least. */
const DATE_COLUMNS = 2;

/** A date over the first deployment of a day, where the one before it has left room. */
function days({ reports, nowMs }: HeatmapInput): Markup {
  const groups: { text: string; columns: number }[] = [];
  for (const { startedAtMs } of reports) {
    const text = day(startedAtMs, nowMs);
    const last = groups.at(-1);
    if (last === undefined || (last.text !== text && last.columns >= DATE_COLUMNS)) groups.push({ text, columns: 1 });
    else last.columns += 1;
  }
  return markup`<tr><td></td>${groups.map(({ text, columns }) => markup`<th scope="colgroup" colspan="${columns}">${columns >= DATE_COLUMNS || groups.length === 1 ? text : ''}</th>`)}</tr>`;
}

const isBad = ({ tone }: Report): boolean => tone === 'attention' || tone === 'rollback';
/** A number of more digits is wider than its column and stands upright. */
const LEVEL_DIGITS = 3;

/** Over what went wrong its number, which leads to it in the list below. */
function numbers({ reports, fromHref }: HeatmapInput): Piece {
  if (!reports.some(isBad)) return '';
  const isUpright = reports.some((report) => isBad(report) && String(report.number).length > LEVEL_DIGITS);
  return markup`<tr class="nr"><td></td>${reports.map((report) =>
    isBad(report)
      ? markup`<td><a${isUpright ? markup` class="up"` : ''} href="${fromHref(report)}" aria-label="The list from #${report.number} on">${report.number}</a></td>`
      : markup`<td></td>`,
  )}</tr>`;
}

const CELL: Record<Report['tone'], string> = {
  ok: 'o',
  attention: 'a',
  rollback: 'c',
  'no-data': 'x',
  observing: 'x ob',
  running: 'x ob',
  abandoned: 'x',
};

function verdictRow({ reports, nowMs }: HeatmapInput): Markup {
  return markup`<tr class="vr"><th scope="row">Verdict</th>${reports.map((report) => {
    const { number, badge, tone, startedAtMs } = report;
    const when = dayTime(startedAtMs, nowMs);
    return markup`<td class="${CELL[tone]}"><a href="/ui/deployments/${report.id}" aria-label="#${number}, ${when}: ${badge}" title="#${number} · ${when} · ${badge}">${icon(ICON[tone])}</a></td>`;
  })}</tr>`;
}

function metricRow({ reports, metricHref }: HeatmapInput, metric: MetricName): Markup {
  const fails = reports.some(({ metrics }) => metrics.some((one) => one.metric === metric && one.outcome === 'failed'));
  const name = fails
    ? markup`<a href="${metricHref(metric)}" title="Only those in which it failed">${NAME[metric]}</a>`
    : NAME[metric];
  return markup`<tr><th scope="row">${name}</th>${reports.map((report) =>
    cell(
      report,
      report.metrics.find((one) => one.metric === metric),
    ),
  )}</tr>`;
}

function cell({ number, tone }: Report, metric: MetricReport | undefined): Markup {
  if (tone === 'observing' || tone === 'running') return markup`<td class="x"></td>`;
  if (metric === undefined || metric.outcome === 'not-judged' || metric.outcome === 'open') {
    return markup`<td class="x" title="#${number} · not judged">${icon('na')}<span class="vh">not judged</span></td>`;
  }
  const { before, after, severity } = metric;
  const values = before === null || after === null ? '' : unbroken(`${joined(before)} to ${joined(after)}`);
  const text = severity === 'none' ? values : `${values}, ${severity}`;
  const style = severity === 'critical' ? 'c' : severity === 'attention' ? 'a' : '';
  return markup`<td class="${style}" title="#${number} · ${text}">${mark(metric)}<span class="vh">${text}</span></td>`;
}

/** Shares of the limit from which on a dot is small, middling, large. */
const DOTS = [
  { from: 0.5, icon: 'd3' },
  { from: 0.25, icon: 'd2' },
  { from: 0.08, icon: 'd1' },
] as const;

function mark({ severity, numbers: { strength, change } }: MetricReport): Piece {
  if (severity === 'critical') return icon('rb');
  if (severity === 'attention') return icon('at');
  const dot = DOTS.find(({ from }) => strength >= from && (change ?? 0) > 0);
  return dot === undefined ? '' : icon(dot.icon);
}

const KEY = markup`<p class="key"><span>Worse by, of its limit:</span><span>${icon('d1')}a tenth</span><span>${icon('d2')}a quarter</span><span>${icon('d3')}half and more</span><span>${icon('at', 'at')}attention</span><span>${icon('rb', 'rb')}critical</span><span>${icon('no')}not enough data</span><span>Newest on the right.</span></p>`;
