import { joined, levels } from '../report/figures.ts';
import { markup, type Piece, unbroken } from '../report/markup.ts';
import type { Report } from '../report/report.ts';
import { clock, dayTime } from '../report/times.ts';
import { NAME } from '../report/words.ts';
import { METRICS, type Quantity } from '../verdict/types.ts';

/** Every sample that is stored, oldest first; each column in one unit. */
export function samplesTable(report: Report): Piece {
  const { samples, unused, startedAtMs, nowMs } = report;
  if (samples.length === 0) return '';
  const count = (phase: string) => samples.filter((sample) => sample.phase === phase).length;
  // What was judged in the place of a number stands beside it.
  const shown = METRICS.flatMap((metric): Quantity[] => {
    const quantity = report.metrics.find((one) => one.metric === metric)?.quantity ?? metric;
    return quantity === metric ? [metric] : [metric, quantity];
  });
  const columns = new Map(shown.map((quantity) => [quantity, columnOf(report, quantity)]));
  const left = new Map(unused.map(({ sample, why }) => [sample, why]));
  const startDay = new Date(startedAtMs).toISOString().slice(0, 10);
  const firstAfter = samples.findIndex(({ phase }) => phase === 'post');
  const rows = samples.map((sample, index) => {
    const atMs = Date.parse(sample.collected_at);
    const time = sample.collected_at.startsWith(startDay) ? clock(atMs) : dayTime(atMs, nowMs);
    const side = sample.phase === 'post' ? 'after' : 'before';
    const why = left.get(sample);
    const phase = why === undefined ? side : markup`${side}, <span title="${why}">left out</span>`;
    return markup`<tr${index === firstAfter ? markup` class="cut"` : ''}><th scope="row">${time}</th><td>${phase}</td>${shown.map((quantity) => markup`<td>${columns.get(quantity)?.[index] ?? ''}</td>`)}</tr>`;
  });
  return markup`<details class="fold"><summary>All samples <span>${count('pre')} before, ${count('post')} after</span></summary><div class="scroll" role="region" aria-label="All samples" tabindex="0"><table class="num"><thead><tr><th scope="col">Time</th><th scope="col">Phase</th>${shown.map((quantity) => markup`<th scope="col">${headOf(quantity)}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div></details>`;
}

const headOf = (quantity: Quantity) => (quantity === 'cpu_cores' ? 'CPU, cores' : NAME[quantity]);

function columnOf({ samples }: Report, quantity: Quantity): string[] {
  const known = samples.map((sample) => sample[quantity] ?? null);
  const texts = levels(
    quantity,
    known.filter((value) => value !== null),
  ).map((amount) => unbroken(joined(amount)));
  let next = 0;
  return known.map((value) => (value === null ? '–' : (texts[next++] ?? '')));
}
