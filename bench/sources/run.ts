/**
 * node bench/sources/run.ts --cases FILE
 *
 * Replays every case of FILE through a real Prometheus and compares the verdicts with those of the same numbers served by
 * the application itself. Exits with 1 when fine buckets give fewer than 99 % the same.
 */
import { parseArgs } from 'node:util';
import { findMonitoringPrograms } from '../../harness/monitoring-programs.ts';
import type { JudgeInput, Sample } from '../../src/verdict/types.ts';
import { VERDICTS, type VerdictName } from '../../src/verdict/types.ts';
import { type Case, inputOf, isHeadline, readCases } from '../verdict/cases.ts';
import { predict } from '../verdict/engine.ts';
import { replay } from './replay.ts';
import { fineEdges, OTEL_EDGES } from './series.ts';

const LEAST_SHARE = 0.99;

interface Road {
  readonly name: string;
  readonly verdicts: readonly VerdictName[];
}

function judged(name: string, inputs: readonly JudgeInput[]): Road {
  return { name, verdicts: inputs.map((input) => predict(input).verdict) };
}

/** As if a source told nothing but the five numbers. */
function withoutFacts(input: JudgeInput): JudgeInput {
  const bare = ({ latencyMean: _, latencyBucket: __, cpuCores: ___, ...sample }: Sample): Sample => sample;
  return { ...input, pre: input.pre.map(bare), post: input.post.map(bare) };
}

const isAlarm = (verdict: VerdictName | undefined) => verdict === 'attention' || verdict === 'rollback_recommended';
const percent = (share: number) => (Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : '–');

function sameShare(pull: Road, road: Road): number {
  return road.verdicts.filter((verdict, index) => verdict === pull.verdicts[index]).length / road.verdicts.length;
}

function row(cases: readonly Case[], pull: Road, road: Road): string {
  const alarmsOf = (isWanted: (one: Case) => boolean) => {
    const chosen = cases.flatMap((one, index) => (isWanted(one) ? [road.verdicts[index]] : []));
    return percent(chosen.filter(isAlarm).length / chosen.length);
  };
  const found = alarmsOf(({ label }) => label?.regressed === true && isHeadline(label));
  const latency = alarmsOf(
    ({ label }) => label?.regressed === true && isHeadline(label) && label.affected.join() === 'latency_p95',
  );
  const wrong = alarmsOf(({ label }) => label?.regressed === false);
  return `| ${road.name} | ${percent(sameShare(pull, road))} | ${found} | ${latency} | ${wrong} |`;
}

function differences(pull: Road, road: Road): string {
  const counts = VERDICTS.flatMap((from) =>
    VERDICTS.flatMap((to) => {
      const count = road.verdicts.filter((verdict, index) => verdict === to && pull.verdicts[index] === from).length;
      return from !== to && count > 0 ? [`${count} × ${from} → ${to}`] : [];
    }),
  );
  return counts.length === 0 ? 'none' : counts.join(', ');
}

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
  console.log(`${cases.length} cases; verdicts beside those of \`pull\``);
  console.log(
    '| source | same verdict | faults found | latency alone | alarms where nothing was |\n|---|---|---|---|---|',
  );
  for (const road of [pull, fine, withFacts, blind]) console.log(row(cases, pull, road));
  console.log(`\nOther with fine buckets: ${differences(pull, fine)}`);
  if (sameShare(pull, fine) < LEAST_SHARE) process.exitCode = 1;
}

await main();
