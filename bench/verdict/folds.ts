import { type Label, seriesOf } from './cases.ts';
import { seeded } from './random.ts';

/**
 * The fold of each case: whole series go to one fold, dealt in random order to the fold that holds fewest cases so far,
 * so that folds come out about equal although the largest series holds one case in fifteen.
 */
export function foldsBySeries(labels: readonly Label[], folds: number, seed: number): number[] {
  const sizes = new Map<string, number>();
  for (const label of labels) sizes.set(seriesOf(label), (sizes.get(seriesOf(label)) ?? 0) + 1);
  const random = seeded(seed);
  const order = [...sizes.entries()].map(([series, size]) => ({ series, size, key: random() }));
  order.sort((a, b) => a.key - b.key);
  const load = Array.from({ length: folds }, () => 0);
  const foldOf = new Map<string, number>();
  for (const { series, size } of order) {
    const lightest = load.indexOf(Math.min(...load));
    foldOf.set(series, lightest);
    load[lightest] = (load[lightest] ?? 0) + size;
  }
  return labels.map((label) => foldOf.get(seriesOf(label)) ?? 0);
}
