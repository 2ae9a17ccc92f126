/**
 * node bench/sources/run-buckets.ts --cases FILE
 *
 * What a histogram's buckets cost the verdict, and how much the mean gives back; what CPU in cores costs. Computed, without a
 * server, for several sets of edges and shapes of latency. Series are halved: constants were chosen on the first half.
 */
import { parseArgs } from 'node:util';
import type { JudgeInput } from '../../src/verdict/types.ts';
import { type Case, inputOf, readCases } from '../verdict/cases.ts';
import { foldsBySeries } from '../verdict/folds.ts';
import { seeded } from '../verdict/random.ts';
import { withoutFacts } from './bare.ts';
import { bucketed, inCores, type Shape } from './bucketed.ts';
import { OTEL_EDGES } from './series.ts';
import { judged, type Road, row, TABLE_HEAD } from './table.ts';

/** Defaults of the client libraries of Prometheus, and objectives as people set them; seconds. */
const EDGES: readonly (readonly [name: string, edges: readonly number[]])[] = [
  ['OpenTelemetry', OTEL_EDGES],
  ['prom-client', [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]],
  ['five objectives', [0.1, 0.3, 1, 3, 10]],
];
const SHAPES: readonly Shape[] = [
  { spread: 0.4, wander: 0 },
  { spread: 0.4, wander: 0.2 },
  { spread: 0.8, wander: 0.2 },
];
const SEED = 7;
const HALVES = ['chosen on', 'not chosen on'] as const;

function printHalves(cases: readonly Case[], roads: readonly Road[]): void {
  const labels = cases.flatMap(({ label }) => (label === null ? [] : [label]));
  const halfOf = foldsBySeries(labels, HALVES.length, SEED);
  for (const [half, name] of HALVES.entries()) {
    const part = <Item>(items: readonly Item[]) => items.filter((_, index) => halfOf[index] === half);
    const [pull, ...others] = roads.map((road) => ({ name: road.name, verdicts: part(road.verdicts) }));
    if (pull === undefined) continue;
    console.log(`\n${name}, ${pull.verdicts.length} cases\n${TABLE_HEAD}`);
    for (const road of [pull, ...others]) console.log(row(part(cases), pull, road));
  }
}

function main(): void {
  const { values } = parseArgs({ options: { cases: { type: 'string' } } });
  if (values.cases === undefined) {
    console.error('usage: npm run -s bench:buckets -- --cases FILE');
    process.exitCode = 2;
    return;
  }
  const cases = readCases(values.cases).filter(({ label }) => label !== null);
  const inputs = cases.map(inputOf);
  const pull = judged('pull', inputs);
  const roads: Road[] = [pull];
  for (const [name, edges] of EDGES) {
    for (const shape of SHAPES) {
      const random = seeded(SEED);
      const read = inputs.map((input): JudgeInput => bucketed(input, edges, shape, random));
      const title = `${name}, spread ${shape.spread}${shape.wander === 0 ? '' : ' that wanders'}`;
      roads.push(judged(`${title}, p95 alone`, read.map(withoutFacts)), judged(`${title}, with mean and edges`, read));
    }
  }
  for (const cores of [1, 4]) {
    roads.push(
      judged(
        `CPU in cores, of ${cores}`,
        inputs.map((input) => inCores(input, cores)),
      ),
    );
  }
  printHalves(cases, roads);
}

main();
