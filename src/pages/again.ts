import { type Markup, markup, type Piece, unbroken } from '../report/markup.ts';
import { type MetricReport, told } from '../report/metric-report.ts';
import type { Report } from '../report/report.ts';
import { ICON, icon } from './icons.ts';
import { TONE_CLASS, toneClass } from './tones.ts';

export interface AgainInput {
  readonly old: Report;
  readonly again: Report;
  /** The limits that differ from those that hold, as sentences: `p95 latency +50 % instead of +35 %`. */
  readonly changed: readonly string[];
  /** Shows the same to whoever opens it. */
  readonly link: string;
  readonly withoutHref: string;
  readonly curl: string;
}

/** What other limits make of the same samples, beside the verdict that stands. */
export function againHtml({ old, again, changed, link, withoutHref, curl }: AgainInput): Markup {
  const same = old.tone === again.tone;
  const lead = same ? 'The verdict would be the same.' : `The verdict would be “${again.badge}”.`;
  return markup`<section class="again" id="again" aria-labelledby="again-h"><h2 id="again-h">Judged again ${changed.length === 0 ? markup`<span>with the limits that hold now</span>` : markup`<span>with ${changed.join(', ')}</span>`}</h2><p class="lead">${lead}</p><div class="scroll" role="region" aria-label="Both judgements" tabindex="0"><table><thead><tr><td></td><th scope="col">As it was judged</th><th scope="col">With these limits</th></tr></thead><tbody><tr><th scope="row">Verdict</th><td>${verdict(old)}</td><td>${verdict(again)}</td></tr>${again.metrics.map((metric) => row(metric, old))}</tbody></table></div><p class="next">Nothing is stored. <a href="${link}">This link</a> shows the same to whoever is signed in; <a href="${withoutHref}">leave it</a>. The same by the API:</p><pre class="cmd" tabindex="0"><code>${curl}</code></pre></section>`;
}

function verdict({ tone, short }: Report): Markup {
  return markup`<span class="st ${TONE_CLASS[tone]}">${icon(ICON[tone])}${short}</span>`;
}

function row(metric: MetricReport, old: Report): Markup {
  const before = old.metrics.find((one) => one.key === metric.key);
  return markup`<tr><th scope="row">${metric.name}, ${unbroken(`${told(metric.before)} → ${told(metric.after)}`)}</th><td>${before === undefined ? '' : outcome(before)}</td><td>${outcome(metric)}</td></tr>`;
}

function outcome({ severity, outcome: how, matters }: MetricReport): Piece {
  if (how === 'not-judged') return 'not judged';
  const from = matters === null ? '' : unbroken(`, matters from ${matters}`);
  if (severity === 'none') return `did not get worse${from}`;
  const word = severity === 'critical' ? 'critical' : 'attention';
  return markup`<span class="st ${toneClass(severity)}">${icon(severity === 'critical' ? 'rb' : 'at')}${word}</span>${from}`;
}
