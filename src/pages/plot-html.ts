import { joined, level, levels } from '../report/figures.ts';
import type { Frame } from '../report/frame.ts';
import { type Markup, markup, type Piece, unbroken } from '../report/markup.ts';
import { valueIn } from '../report/measure.ts';
import type { MetricReport } from '../report/metric-report.ts';
import { axisTexts, type Plot, type Point, plotOf, round, spread } from '../report/plot.ts';
import type { Report } from '../report/report.ts';
import { day } from '../report/times.ts';
import { toneClass } from './tones.ts';

/**
 * A plot as three SVGs side by side, x in percent and y in pixels, so that nothing but the two paths is stretched. Text
 * lives in the gutters and under the field alone.
 */
export function plotHtml(report: Report, metric: MetricReport, frame: Frame, size: 'large' | 'small'): Markup {
  const plot = plotOf(report, metric, frame, size);
  const isLarge = size === 'large';
  const field = fieldOf(plot, frame, metric, report, isLarge);
  return markup`<div class="${isLarge ? 'plot big' : 'plot'}" role="img" aria-label="${describe(report, metric)}">${isLarge ? ticks(plot) : ''}${field}${isLarge ? largeGutter(plot, metric) : smallGutter(plot, metric)}${isLarge ? axis(report, frame) : ''}</div>`;
}

function describe({ used, unused }: Report, { quantity, name, before, after, numbers }: MetricReport): string {
  const count = (phase: string) =>
    used.filter((sample) => sample.phase === phase && valueIn(sample, quantity) !== null).length;
  const limit = numbers.threshold === null ? '' : `, limit ${level(quantity, numbers.threshold)}`;
  const was = before === null ? 'nothing read before' : `${joined(before)} before`;
  const is = after === null ? 'nothing read after' : `${joined(after)} after`;
  const left = unused.filter(({ sample }) => valueIn(sample, quantity) !== null).length;
  return `${name}: ${was}, ${is}${limit}. ${count('pre')} samples before, ${count('post')} after${left === 0 ? '' : `, ${left} left out`}.`;
}

const percent = (thousandth: number): string => `${round(thousandth / 10)}%`;

function fieldOf(plot: Plot, frame: Frame, metric: MetricReport, report: Report, isLarge: boolean): Markup {
  const { height, baseline, limit, observed } = plot;
  const { from, to } = frame.band;
  const tone = toneClass(metric.severity);
  const isFailed = metric.outcome === 'failed';
  const isOpen = report.tone === 'observing';
  const zone =
    isFailed && limit !== null ? { y: Math.min(limit, plot.worseEnd), height: Math.abs(limit - plot.worseEnd) } : null;
  const afterBand = percent(1000 - to);
  return markup`<svg class="pa" height="${height}"><rect class="band" x="${percent(from)}" width="${percent(to - from)}" y="0" height="${height}"/>${
    isOpen ? markup`<rect class="todo" x="${percent(to)}" width="${afterBand}" y="0" height="${height}"/>` : ''
  }${
    zone === null
      ? ''
      : markup`<rect class="zone ${tone}" x="${percent(to)}" width="${afterBand}" y="${round(zone.y)}" height="${round(zone.height)}"/>`
  }${plot.ticks.map(({ y }) => markup`<line class="gr" x1="0" x2="100%" y1="${y}" y2="${y}"/>`)}${
    baseline === null
      ? ''
      : markup`<line class="lb" x1="0" x2="${percent(from)}" y1="${baseline}" y2="${baseline}"/><line class="lb da" x1="${percent(from)}" x2="100%" y1="${baseline}" y2="${baseline}"/>`
  }${limit === null ? '' : markup`<line class="ll" x1="0" x2="100%" y1="${limit}" y2="${limit}"/>`}${
    observed === null || metric.outcome === 'open'
      ? ''
      : markup`<line class="la ${tone}" x1="${percent(to)}" x2="100%" y1="${observed}" y2="${observed}"/>`
  }<svg width="100%" height="${height}" viewBox="0 0 1000 ${height}" preserveAspectRatio="none">${path('p0', plot.before)}${path(`p1 ${tone}`, plot.after)}</svg>${plot.before.map(
    (point) =>
      markup`<circle class="s0" cx="${percent(point.x)}" cy="${point.y}" r="${isLarge ? 2.6 : 1.6}">${title(point)}</circle>`,
  )}${plot.after.map((point) => after(point, tone, isLarge))}${plot.leftOut.map((point) => leftOut(point, isLarge))}${plot.toCome.map(
    (x) => markup`<line class="ex" x1="${percent(x)}" x2="${percent(x)}" y1="${height - 8}" y2="${height}"/>`,
  )}${plot.missed.map(
    (x) =>
      markup`<svg class="ov" x="${percent(x)}" y="${height - 8}"><path class="miss" d="M-3-3l6 6M3-3l-6 6"/></svg>`,
  )}${frame.cuts.map(
    (x) => markup`<svg class="ov" x="${percent(x)}" y="${height - 6}"><path class="brk" d="M-5 5l4-9M0 5l4-9"/></svg>`,
  )}</svg>`;
}

function path(style: string, points: readonly Point[]): Piece {
  return points.length < 2
    ? ''
    : markup`<path class="${style.trim()}" d="M${points.map(({ x, y }) => `${x} ${y}`).join('L')}"/>`;
}

const title = ({ text }: Point): Markup => markup`<title>${unbroken(text)}</title>`;

function after(point: Point, tone: string, isLarge: boolean): Markup {
  if (!point.isBeyond) {
    return markup`<circle class="s1" cx="${percent(point.x)}" cy="${point.y}" r="${isLarge ? 3 : 2}">${title(point)}</circle>`;
  }
  const size = isLarge ? 'M0-4.6L4.6 0 0 4.6-4.6 0z' : 'M0-3.4L3.4 0 0 3.4-3.4 0z';
  return markup`<svg class="ov" x="${percent(point.x)}" y="${point.y}"><path class="s1 ${tone}" d="${size}">${title(point)}</path></svg>`;
}

/** On no line: an open square, which no other mark is. */
function leftOut(point: Point, isLarge: boolean): Markup {
  const d = isLarge ? 'M-3-3h6v6h-6z' : 'M-2-2h4v4h-4z';
  return markup`<svg class="ov" x="${percent(point.x)}" y="${point.y}"><path class="lo" d="${d}">${title(point)}</path></svg>`;
}

function ticks({ height, ticks: all }: Plot): Markup {
  return markup`<svg class="gl" height="${height}">${all.map(({ y, text }) => markup`<text x="100%" dx="-6" y="${y + 4}">${unbroken(text)}</text>`)}</svg>`;
}

/** Limit, before, after at their true heights, pushed apart where they would touch, each with a line to its place. */
function largeGutter(
  { height, limit, baseline, observed }: Plot,
  { quantity, severity, numbers }: MetricReport,
): Markup {
  const known = [
    { style: 'lim', word: 'limit', y: limit, value: numbers.threshold },
    { style: 'bef', word: 'before', y: baseline, value: numbers.baseline },
    { style: `aft ${toneClass(severity)}`, word: 'after', y: observed, value: numbers.observed },
  ].flatMap(({ y, value, ...rest }) => (y === null || value === null ? [] : [{ ...rest, y, value }]));
  const texts = levels(
    quantity,
    known.map(({ value }) => value),
  );
  const places = spread(
    known.map(({ y }) => y),
    14,
    8,
    height - 4,
  );
  return markup`<svg class="gr-l" height="${height}">${known.map(({ style, word, y }, index) => {
    const place = places[index] ?? y;
    const amount = texts[index];
    return markup`<path class="ld ${style}" d="M0 ${y}L7 ${place}"/><text class="${style}" x="10" y="${round(place + 4)}">${word} ${amount === undefined ? '' : unbroken(joined(amount))}</text>`;
  })}</svg>`;
}

function smallGutter({ height, limit }: Plot, { quantity, numbers, outcome }: MetricReport): Markup {
  if (limit === null || numbers.threshold === null) return markup`<svg class="gr-l" height="${height}"></svg>`;
  const wordY = limit < height / 2 ? limit + 18 : limit - 10;
  return markup`<svg class="gr-l" height="${height}"><path class="ld lim" d="M0 ${limit}L7 ${limit}"/><text class="lim" x="10" y="${round(limit + 4)}">${unbroken(level(quantity, numbers.threshold))}</text><text x="10" y="${round(wordY)}">${outcome === 'open' ? 'matters' : 'limit'}</text></svg>`;
}

function axis(report: Report, frame: Frame): Markup {
  const texts = axisTexts(frame, (atMs) => day(atMs, report.nowMs));
  return markup`<svg class="xr" height="18"><text class="x0" x="1.6%" y="13">${texts.from}</text><text x="${percent(frame.band.to)}" y="13" class="e">${texts.deployed}<tspan class="dp"> deployed</tspan></text><text x="98.4%" y="13" class="e">${texts.until}</text></svg>`;
}
