/**
 * node bench/sources/run.ts --cases FILE
 *
 * Replays every case of FILE through a real Prometheus, and through what OTLP takes, and compares the verdicts with those of the same numbers served by
 * the application itself. Exits with 1 when fine buckets give fewer than 99 % the same.
 */
import { parseArgs } from 'node:util';
import { findMonitoringPrograms } from '../../harness/monitoring-programs.ts';
import { inputOf, readCases } from '../verdict/cases.ts';
import { RENAMINGS } from '../verdict/custom-columns.ts';
import { withoutFacts } from './bare.ts';
import { replay } from './replay.ts';
import { replayOtlp } from './replay-otlp.ts';
import { replayOwn } from './replay-own.ts';
import { fineEdges, OTEL_EDGES } from './series.ts';
import { differences, judged, row, sameShare, TABLE_HEAD } from './table.ts';

const MIN_SHARE = 0.99;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { cases: { type: 'string' } } });
  if (values.cases === undefined) {
    console.error('usage: npm run -s bench:sources -- --cases FILE');
    process.exitCode = 2;
    return;
  }
  if (findMonitoringPrograms('bench:sources is', ['prometheus', 'promtool']).missing) {
    process.exitCode = 2;
    return;
  }
  const cases = readCases(values.cases);
  const pull = judged('pull', cases.map(inputOf));
  const fine = judged('Prometheus, fine buckets', await replay(cases, fineEdges));
  const coarse = await replay(cases, () => OTEL_EDGES);
  const withFacts = judged('Prometheus, OpenTelemetry’s default buckets', coarse);
  const blind = judged('the same without mean and edges', coarse.map(withoutFacts));
  const pushed = judged('OTLP, fine buckets', replayOtlp(cases, fineEdges));
  const pushedCoarse = judged(
    'OTLP, OpenTelemetry’s default buckets',
    replayOtlp(cases, () => OTEL_EDGES),
  );
  console.log(`${cases.length} cases; verdicts beside those of \`pull\``);
  console.log(TABLE_HEAD);
  for (const road of [pull, fine, withFacts, blind, pushed, pushedCoarse]) console.log(row(cases, pull, road));
  const asOwn = RENAMINGS.filter((columns) => !columns.includes('requests_per_sec')).map((columns) =>
    judged(`OTLP, ${columns.join(' and ')} from instruments of one’s own`, replayOwn(cases, fineEdges, columns)),
  );
  for (const road of asOwn) console.log(row(cases, pull, road));
  console.log(`\nOther with fine buckets: ${differences(pull, fine)}`);
  console.log(`Other by OTLP with fine buckets: ${differences(pull, pushed)}`);
  for (const road of asOwn) console.log(`Other by ${road.name}: ${differences(pull, road)}`);
  if ([fine, pushed, ...asOwn].some((road) => sameShare(pull, road) < MIN_SHARE)) process.exitCode = 1;
}

await main();
