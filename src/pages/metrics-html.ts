import { joined } from '../report/figures.ts';
import type { Frame } from '../report/frame.ts';
import { type Markup, markup, type Piece, unbroken } from '../report/markup.ts';
import { valueIn } from '../report/measure.ts';
import type { MetricReport } from '../report/metric-report.ts';
import type { Report } from '../report/report.ts';
import { changeBarHtml } from './change-bar-html.ts';
import { icon } from './icons.ts';
import { plotHtml } from './plot-html.ts';
import { toneClass } from './tones.ts';

/** What failed, large and first; then what did not get worse, and what could not be judged, small. */
export function metricsHtml(report: Report, frame: Frame | null): Piece {
  const of = (outcome: MetricReport['outcome']) => report.metrics.filter((metric) => metric.outcome === outcome);
  const failed = of('failed');
  const passed = of('passed');
  const unjudged = of('not-judged');
  const open = of('open');
  const all = report.tone === 'no-data' || open.length > 0;
  const group = (title: Piece, metrics: readonly MetricReport[]) =>
    metrics.length === 0
      ? ''
      : markup`${title}<div class="multi n${metrics.length}">${metrics.map((metric) => small(report, metric, frame))}</div>`;
  if (all) return group(markup`<h2 class="vh">The five numbers</h2>`, open.length > 0 ? open : report.metrics);
  return markup`${failed.length === 0 ? '' : markup`<h2 class="vh">What got worse</h2>`}${failed.map((metric) => large(report, metric, frame))}${group(
    failed.length === 0
      ? markup`<h2 class="vh">Did not get worse</h2>`
      : markup`<h2 class="sub">Did not get worse</h2>`,
    passed,
  )}${group(markup`<h2 class="sub">Not judged</h2>`, unjudged)}`;
}

function large(report: Report, metric: MetricReport, frame: Frame | null): Markup {
  const { severity, name, change, factor, interval } = metric;
  const tone = toneClass(severity);
  const by =
    change === null
      ? ''
      : markup`<p class="ch">${unbroken(change)}${factor === null ? '' : markup`<span>${factor}</span>`}</p>`;
  const certainty = interval === null ? '' : markup`, with 95 % certainty by ${unbroken(interval)}`;
  const bar = changeBarHtml(metric, 'large');
  return markup`<section class="fail ${tone}" aria-labelledby="m-${metric.key}"><header><h3 id="m-${metric.key}">${icon(severity === 'critical' ? 'rb' : 'at')}${name}</h3>${beforeAfter(metric)}${by}</header>${metric.proof === '' ? '' : markup`<p class="why">${unbroken(metric.proof)}</p>`}${frame === null ? '' : plotHtml(report, metric, frame, 'large')}${
    bar === '' || change === null
      ? ''
      : markup`<div class="effrow"><p>Changed by <b>${unbroken(change)}</b>${certainty}</p>${bar}</div>`
  }</section>`;
}

function small(report: Report, metric: MetricReport, frame: Frame | null): Markup {
  const { name, outcome, proof, change, interval, matters } = metric;
  const hasSamples = report.used.some((sample) => valueIn(sample, metric.quantity) !== null);
  const numbers =
    outcome !== 'passed' || change === null
      ? ''
      : `${change}${interval === null ? '' : ` (${interval})`}${matters === null ? '' : `, matters from ${matters}`}`;
  return markup`<section class="pass" aria-labelledby="m-${metric.key}"><header><h3 id="m-${metric.key}">${name}</h3>${beforeAfter(metric)}</header>${
    frame === null || !hasSamples
      ? markup`<p class="none">${hasSamples ? '' : 'No sample holds this number.'}</p>`
      : plotHtml(report, metric, frame, 'small')
  }${outcome === 'passed' ? changeBarHtml(metric, 'small') : ''}${numbers === '' ? '' : markup`<p class="why">${unbroken(numbers)}</p>`}${proof === '' || report.tone === 'no-data' ? '' : markup`<p class="why">${unbroken(proof)}</p>`}</section>`;
}

/** `182 → 583 ms`; both units where they differ; `0.39 % before` where nothing came after. */
function beforeAfter({ before, after }: MetricReport): Piece {
  if (before === null && after === null) return '';
  if (before === null || after === null) {
    const [amount, side] = before === null ? [after, 'after'] : [before, 'before'];
    return markup`<p class="ba"><span>${amount === null ? '' : unbroken(joined(amount))}</span> <i>${side}</i></p>`;
  }
  const first = before.unit === after.unit || before.digits === '0' ? before.digits : unbroken(joined(before));
  return markup`<p class="ba"><span>${first}</span><i aria-hidden="true">→</i><span class="vh"> to </span><b>${after.digits}</b><small>${after.unit.replace(' ', '\u00a0')}</small></p>`;
}

/** What the marks mean; only those that are there. */
export function key(report: Report): Piece {
  const has = (phase: string) => report.used.some((sample) => sample.phase === phase);
  if (report.used.length === 0) return '';
  const { tone, metrics } = report;
  const worst = metrics.find(({ outcome }) => outcome === 'failed');
  const hasLimit = metrics.some(({ numbers }) => numbers.threshold !== null);
  const missed = tone !== 'observing' && report.counts.after.collected < report.counts.after.expected;
  const sign = (drawn: Markup, word: string) =>
    markup`<span><svg class="k" viewBox="0 0 16 10" aria-hidden="true">${drawn}</svg>${word}</span>`;
  return markup`<p class="key">${[
    has('pre') ? sign(markup`<circle class="s0" cx="8" cy="5" r="2.6"/>`, 'before') : '',
    has('post') ? sign(markup`<circle class="s1" cx="8" cy="5" r="3"/>`, 'after') : '',
    worst === undefined
      ? ''
      : sign(
          markup`<path class="s1 ${toneClass(worst.severity)}" d="M8 .5L12.5 5 8 9.5 3.5 5z"/>`,
          'after, beyond the limit',
        ),
    hasLimit
      ? sign(
          markup`<path class="ll" d="M0 5h16"/>`,
          tone === 'observing' ? 'what matters, by the project’s limits' : 'limit',
        )
      : '',
    has('pre') ? sign(markup`<path class="lb" d="M0 5h16"/>`, 'level before') : '',
    report.unused.length === 0 ? '' : sign(markup`<path class="lo" d="M5 2h6v6H5z"/>`, 'left out'),
    tone === 'observing' ? sign(markup`<path class="ex" d="M8 1v8"/>`, 'still to come') : '',
    missed && tone !== 'running' && tone !== 'abandoned'
      ? sign(markup`<path class="miss" d="M5 2l6 6M11 2l-6 6"/>`, 'not read')
      : '',
    sign(markup`<rect class="band" width="16" height="10"/>`, 'deployment'),
  ]}</p>`;
}
