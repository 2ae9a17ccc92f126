import { joined, levels } from '../report/figures.ts';
import { markup, type Piece, unbroken } from '../report/markup.ts';
import type { Report } from '../report/report.ts';
import { clock, dayTime } from '../report/times.ts';
import { NAME } from '../report/words.ts';
import { METRICS, type MetricName } from '../verdict/types.ts';

/** Every sample that is stored, oldest first; each column in one unit. */
export function samplesTable(report: Report): Piece {
  const { samples, used, startedAtMs, nowMs } = report;
  if (samples.length === 0) return '';
  const count = (phase: string) => samples.filter((sample) => sample.phase === phase).length;
  const columns = new Map(METRICS.map((metric) => [metric, columnOf(report, metric)]));
  const counted = new Set(used);
  const startDay = new Date(startedAtMs).toISOString().slice(0, 10);
  const firstAfter = samples.findIndex(({ phase }) => phase === 'post');
  const rows = samples.map((sample, index) => {
    const atMs = Date.parse(sample.collected_at);
    const time = sample.collected_at.startsWith(startDay) ? clock(atMs) : dayTime(atMs, nowMs);
    const phase = sample.phase === 'post' ? 'after' : counted.has(sample) ? 'before' : 'before, left out';
    return markup`<tr${index === firstAfter ? markup` class="cut"` : ''}><th scope="row">${time}</th><td>${phase}</td>${METRICS.map((metric) => markup`<td>${columns.get(metric)?.[index] ?? ''}</td>`)}</tr>`;
  });
  return markup`<details class="fold"><summary>All samples <span>${count('pre')} before, ${count('post')} after</span></summary><div class="scroll" role="region" aria-label="All samples" tabindex="0"><table class="num"><thead><tr><th scope="col">Time</th><th scope="col">Phase</th>${METRICS.map((metric) => markup`<th scope="col">${NAME[metric]}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div></details>`;
}

function columnOf({ samples }: Report, metric: MetricName): string[] {
  const known = samples.map((sample) => sample[metric]);
  const texts = levels(
    metric,
    known.filter((value) => value !== null),
  ).map((amount) => unbroken(joined(amount)));
  let next = 0;
  return known.map((value) => (value === null ? '–' : (texts[next++] ?? '')));
}
