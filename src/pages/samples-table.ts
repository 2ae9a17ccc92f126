import { joined, levels } from '../report/figures.ts';
import { markup, type Piece, unbroken } from '../report/markup.ts';
import { nameOf, valueIn } from '../report/measure.ts';
import type { Report } from '../report/report.ts';
import { clock, dayTime } from '../report/times.ts';
import { METRICS, type Measure } from '../verdict/types.ts';

/** Every sample that is stored, oldest first; each column in one unit. */
export function samplesTable(report: Report): Piece {
  const { samples, unused, startedAtMs, nowMs } = report;
  if (samples.length === 0) return '';
  const count = (phase: string) => samples.filter((sample) => sample.phase === phase).length;
  const measures = measuresOf(report);
  const columns = measures.map((measure) => columnOf(report, measure));
  const left = new Map(unused.map(({ sample, why }) => [sample, why]));
  const startDay = new Date(startedAtMs).toISOString().slice(0, 10);
  const firstAfter = samples.findIndex(({ phase }) => phase === 'post');
  const rows = samples.map((sample, index) => {
    const atMs = Date.parse(sample.collected_at);
    const time = sample.collected_at.startsWith(startDay) ? clock(atMs) : dayTime(atMs, nowMs);
    const side = sample.phase === 'post' ? 'after' : 'before';
    const why = left.get(sample);
    const phase = why === undefined ? side : markup`${side}, <span title="${why}">left out</span>`;
    return markup`<tr${index === firstAfter ? markup` class="cut"` : ''}><th scope="row">${time}</th><td>${phase}</td>${columns.map((column) => markup`<td>${column[index] ?? ''}</td>`)}</tr>`;
  });
  return markup`<details class="fold"><summary>All samples <span>${count('pre')} before, ${count('post')} after</span></summary><div class="scroll" role="region" aria-label="All samples" tabindex="0"><table class="num"><thead><tr><th scope="col">Time</th><th scope="col">Phase</th>${measures.map((measure) => markup`<th scope="col">${headOf(measure)}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div></details>`;
}

/**
 * The five, each with what was judged in its place beside it, and the team's own that a sample holds; without a verdict
 * nobody knows their units here.
 */
function measuresOf({ samples, metrics }: Report): Measure[] {
  const five = METRICS.flatMap((metric): Measure[] => {
    const quantity = metrics.find((one) => one.metric === metric)?.quantity ?? metric;
    return quantity === metric ? [metric] : [metric, quantity];
  });
  const names = new Set(samples.flatMap(({ custom }) => Object.keys(custom ?? {})));
  const own = [...names].map((name): Measure => {
    const known = metrics.find(({ quantity }) => typeof quantity !== 'string' && quantity.name === name);
    return known?.quantity ?? { name, kind: 'level', worse: 'up', unit: '' };
  });
  return [...five, ...own];
}

const headOf = (measure: Measure): string => (measure === 'cpu_cores' ? 'CPU, cores' : nameOf(measure));

function columnOf({ samples }: Report, quantity: Measure): string[] {
  const known = samples.map((sample) => valueIn(sample, quantity));
  const texts = levels(
    quantity,
    known.filter((value) => value !== null),
  ).map((amount) => unbroken(joined(amount)));
  let next = 0;
  return known.map((value) => (value === null ? '–' : (texts[next++] ?? '')));
}
