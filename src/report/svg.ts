import { changeBarOf } from './change-bar.ts';
import { type Frame, frameOf } from './frame.ts';
import { type Markup, markup } from './markup.ts';
import { type MetricReport, told } from './metric-report.ts';
import { type Point, plotOf } from './plot.ts';
import type { Report } from './report.ts';
import { dayTime } from './times.ts';
import type { Tone } from './words.ts';

/**
 * The report as a picture for chats and pull requests: a light ground of its own, so that it can be read on any, all looks
 * as attributes, no script, no style, nothing fetched.
 */
const WIDTH = 860;
const LEFT = 24;
const FIELD = { x: 268, width: 372, height: 72 } as const;
const ROW = 96;
const RIGHT = 660;
/** Characters of the sentence on one line at 22 px, for the widest of the usual fonts. */
const LINE_CHARACTERS = 58;
const MAX_LINES = 3;

const INK = '#15181c';
const DIM = '#59626d';
const FAINT = '#868f99';
const LINE = '#e2e4e7';
const BAND = '#dde1e6';
const FONT = 'system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';

const COLOUR: Record<Tone, { readonly text: string; readonly fill: string; readonly on: string }> = {
  rollback: { text: '#b01c24', fill: '#b01c24', on: '#fff' },
  attention: { text: '#8a5200', fill: '#f2b13c', on: '#2a1900' },
  ok: { text: '#0c6b5c', fill: '#fff', on: '#0c6b5c' },
  'no-data': { text: DIM, fill: '#fff', on: INK },
  observing: { text: '#2947b8', fill: '#fff', on: '#2947b8' },
  running: { text: '#2947b8', fill: '#fff', on: '#2947b8' },
  abandoned: { text: DIM, fill: '#fff', on: INK },
};

export function svgOf(report: Report): string {
  const lines = wrapped(report.sentence);
  const frame = frameOf(report);
  const top = 76 + lines.length * 29 + (report.worth === '' ? 0 : 24);
  const height = top + report.metrics.length * ROW + 40;
  const picture = markup`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="t" font-family='${FONT}' font-size="15" fill="${INK}"><title id="t">${`${report.title}. ${report.sentence}`}</title><rect width="${WIDTH}" height="${height}" rx="6" fill="#fbfbfa" stroke="${LINE}"/>${head(report, lines)}${report.metrics.map((metric, index) => row(report, metric, frame, top + index * ROW))}<text x="${LEFT}" y="${height - 16}" font-size="12" fill="${DIM}">${foot(report)}</text></svg>`;
  return `${picture.markup}\n`;
}

function head(report: Report, lines: readonly string[]): Markup {
  const { fill, on } = COLOUR[report.tone];
  const width = 24 + report.badge.length * 9.8;
  const worth = fitted(report.worth, 118);
  return markup`<rect x="${LEFT}" y="20" width="${width}" height="30" rx="4" fill="${fill}" stroke="${on === '#fff' ? fill : on}" stroke-width="1.5"/><text x="${LEFT + width / 2}" y="40" text-anchor="middle" font-weight="650" fill="${on}">${report.badge}</text><text x="${LEFT + width + 12}" y="40" fill="${DIM}">${fitted(`${report.project} #${report.number} in ${report.env}`, 70)}</text>${lines.map((line, index) => markup`<text x="${LEFT}" y="${84 + index * 29}" font-size="22" font-weight="650">${line}</text>`)}${worth === '' ? '' : markup`<text x="${LEFT}" y="${84 + lines.length * 29}" fill="${DIM}" font-size="14">${worth}</text>`}`;
}

function row(report: Report, metric: MetricReport, frame: Frame | null, y: number): Markup {
  const colour =
    metric.severity === 'critical' ? COLOUR.rollback : metric.severity === 'attention' ? COLOUR.attention : null;
  const ink = colour?.text ?? INK;
  const { before, after } = metric;
  const values = after === null && before !== null ? `${told(before)} before` : `${told(before)} → ${told(after)}`;
  const isJudged = metric.outcome !== 'not-judged' && metric.change !== null;
  const change = isJudged ? metric.change : metric.outcome === 'not-judged' ? 'not judged' : '';
  return markup`<g transform="translate(0 ${y})"><path d="M${LEFT} 0H${WIDTH - LEFT}" stroke="${LINE}"/><text x="${LEFT}" y="34" font-weight="650" fill="${ink}">${colour === null ? '' : metric.severity === 'critical' ? '✖ ' : '▲ '}${metric.name}</text><text x="${LEFT}" y="60" font-size="16">${values}</text>${frame === null ? '' : field(report, metric, frame, ink)}<text x="${RIGHT}" y="34" font-weight="650" fill="${colour === null ? DIM : ink}">${change}</text>${isJudged && metric.matters !== null ? markup`<text x="${RIGHT}" y="54" font-size="12" fill="${DIM}">matters from ${metric.matters}</text>` : ''}${isJudged ? bar(metric, ink) : ''}</g>`;
}

function field(report: Report, metric: MetricReport, frame: Frame, ink: string): Markup {
  const plot = plotOf(report, metric, frame, metric.outcome === 'failed' ? 'scaled' : 'small');
  const x = (thousandth: number) => Math.round(thousandth * FIELD.width) / 1000;
  const at = ({ x: px, y }: Point) => `${x(px)} ${y}`;
  const path = (points: readonly Point[]) => (points.length === 0 ? '' : `M${points.map(at).join('L')}`);
  const [from, to] = [x(frame.band.from), x(frame.band.to)];
  return markup`<svg x="${FIELD.x}" y="12" width="${FIELD.width}" height="${FIELD.height}"><rect x="${from}" width="${Math.max(1, to - from)}" height="${FIELD.height}" fill="${BAND}"/>${plot.baseline === null ? '' : markup`<path d="M0 ${plot.baseline}H${from}" stroke="${FAINT}"/>`}${plot.limit === null ? '' : markup`<path d="M0 ${plot.limit}H${FIELD.width}" stroke="${INK}" stroke-dasharray="2 3"/>`}<path d="${path(plot.before)}" fill="none" stroke="${FAINT}"/><path d="${path(plot.after)}" fill="none" stroke="${ink}" stroke-width="1.5"/>${plot.before.map((point) => markup`<circle cx="${x(point.x)}" cy="${point.y}" r="1.8" fill="#fbfbfa" stroke="${DIM}"/>`)}${plot.after.map((point) => (point.isBeyond ? markup`<path transform="translate(${at(point)})" d="M0-4L4 0 0 4-4 0z" fill="${ink}"/>` : markup`<circle cx="${x(point.x)}" cy="${point.y}" r="2.2" fill="${ink}"/>`))}${plot.leftOut.map((point) => markup`<path transform="translate(${at(point)})" d="M-2-2h4v4h-4z" fill="#fbfbfa" stroke="${DIM}"/>`)}${plot.missed.map((slot) => markup`<path transform="translate(${x(slot)} 64)" d="M-3-3l6 6M3-3l-6 6" stroke="${DIM}" stroke-width="1.5"/>`)}</svg>`;
}

function bar(metric: MetricReport, ink: string): Markup | '' {
  const scale = changeBarOf(metric);
  if (scale === null) return '';
  const width = WIDTH - LEFT - RIGHT;
  const x = (thousandth: number) => Math.round((thousandth * width) / 100) / 10;
  return markup`<g transform="translate(${RIGHT} 64)"><rect x="${x(scale.zero)}" width="${Math.max(0, x(scale.limit) - x(scale.zero))}" height="12" fill="#eff0f1"/><path d="M${x(scale.limit)}-2V14" stroke="${INK}"/><path d="M${x(scale.low)} 6H${x(scale.high)}" stroke="${ink}" stroke-opacity=".5" stroke-width="3"/><circle cx="${x(scale.change)}" cy="6" r="3.5" fill="${ink}"/></g>`;
}

function foot(report: Report): string {
  const { version, commit } = report.origin;
  const what = [version, commit?.slice(0, 7)].filter((text) => text !== null && text !== undefined && text !== '');
  return fitted([...what, `${dayTime(report.startedAtMs, report.nowMs)} UTC`].join(' · '), 110);
}

function fitted(text: string, characters: number): string {
  const all = [...text];
  return all.length <= characters ? text : `${all.slice(0, characters - 1).join('')}…`;
}

function wrapped(sentence: string): string[] {
  const lines: string[] = [];
  for (const word of sentence.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= LINE_CHARACTERS)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(fitted(word, LINE_CHARACTERS));
  }
  return lines.length <= MAX_LINES
    ? lines
    : [...lines.slice(0, MAX_LINES - 1), fitted(lines.slice(MAX_LINES - 1).join(' '), LINE_CHARACTERS)];
}
