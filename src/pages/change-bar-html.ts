import { changeBarOf } from '../report/change-bar.ts';
import { markup, type Piece, unbroken } from '../report/markup.ts';
import type { MetricReport } from '../report/metric-report.ts';
import { round } from '../report/plot.ts';
import { toneClass } from './tones.ts';

const percent = (thousandth: number): string => `${round(thousandth / 10)}%`;

/** From 0 to the limit it does not matter, beyond it does; the interval with caps, the change as a dot. */
export function changeBarHtml(metric: MetricReport, size: 'large' | 'small'): Piece {
  const bar = changeBarOf(metric);
  if (bar === null || metric.change === null) return '';
  const isLarge = size === 'large';
  const tone = metric.outcome === 'failed' ? toneClass(metric.severity) : '';
  const line = (style: string, x1: number, x2: number, y1: number, y2: number) =>
    markup`<line class="${`${style} ${tone}`.trim()}" x1="${percent(x1)}" x2="${percent(x2)}" y1="${y1}" y2="${y2}"/>`;
  const interval = metric.interval === null ? '' : `, 95 % interval ${metric.interval}`;
  const said = `${metric.name} changed by ${metric.change}${interval}; ${metric.matters ?? ''} matters.`;
  return markup`<div class="eff" role="img" aria-label="${said}"><svg height="${isLarge ? 42 : 36}" width="100%"><rect class="okz" x="${percent(isLarge ? bar.zero : bar.from)}" width="${percent(Math.max(0, bar.limit - (isLarge ? bar.zero : bar.from)))}" y="2" height="16"/>${
    tone === ''
      ? ''
      : markup`<rect class="zone ${tone}" x="${percent(bar.limit)}" width="${percent(Math.max(0, bar.to - bar.limit))}" y="2" height="16"/>`
  }<line class="ze" x1="${percent(bar.zero)}" x2="${percent(bar.zero)}" y1="2" y2="18"/><line class="ll so" x1="${percent(bar.limit)}" x2="${percent(bar.limit)}" y1="0" y2="22"/>${line('iv', bar.low, bar.high, 10, 10)}${line('cap', bar.low, bar.low, 6, 14)}${line('cap', bar.high, bar.high, 6, 14)}<circle class="${`est ${tone}`.trim()}" cx="${percent(bar.change)}" cy="10" r="${isLarge ? 4.5 : 3.5}"/>${isLarge ? largeTexts(bar) : smallTexts(bar)}</svg></div>`;
}

type Bar = NonNullable<ReturnType<typeof changeBarOf>>;

/** Closer together the two texts would touch. */
const ROOM = { large: 40, small: 260 } as const;

function largeTexts({ zero, limit, limitText }: Bar): Piece {
  const isApart = limit - zero > ROOM.large;
  return markup`${isApart ? markup`<text x="${percent(zero)}" y="36">0</text>` : ''}<text${limit > 650 ? markup` class="e"` : ''} x="${percent(limit)}" y="36">matters from ${unbroken(limitText)}</text>`;
}

function smallTexts({ zero, limit, limitText }: Bar): Piece {
  const isApart = limit - zero > ROOM.small;
  return markup`${isApart ? markup`<text class="m" x="${percent(zero)}" y="32">0</text>` : ''}<text class="${limit < 250 ? '' : 'e'}" x="${percent(limit)}" y="32">${unbroken(limitText)}</text>`;
}
