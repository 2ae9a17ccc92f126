import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { quantileOfSorted, sorted } from '../../../src/verdict/order-statistics.ts';
import type { Reading, Series } from './series.ts';

/** Latencies there are fractions of a millisecond to some: stretched, so that what matters by share is what is asked. */
const LATENCY_TIMES = 100;

const SUITE = 'vm-noise-data/test_suite=PostgreSQL';
const LATENCY_SUFFIX = '_-_Average_Latency';

/**
 * Azure VM Noise Dataset 2024: PostgreSQL measured again and again for 483 days on machines that nobody changed. Throughput
 * stands for requests, mean latency for p95. The machines of one region are open, those of the other are kept.
 */
export function machineSeries(root: string): Series[] {
  const series: Series[] = [];
  for (const test of readdirSync(join(root, SUITE)).sort()) {
    if (test.endsWith(LATENCY_SUFFIX)) continue;
    for (const region of ['eastus', 'westus2'] as const) {
      for (const size of ['B8ms', 'D8s_v5']) {
        const where = (name: string, unit: string) =>
          join(root, SUITE, name, 'vm_lifespan=long', `vm_region=${region}`, `vm_sku=${size}`, `unit=${unit}.csv`);
        const [rates, latencies] = [where(test, 'TPS'), where(`${test}${LATENCY_SUFFIX}`, 'ms')];
        if (!existsSync(rates) || !existsSync(latencies)) continue;
        const latencyOf = new Map(rowsOf(latencies).map(({ key, value }) => [key, value]));
        const byMachine = new Map<string, { at: string; reading: Reading }[]>();
        for (const { key, machine, at, value } of rowsOf(rates)) {
          const latency = latencyOf.get(key);
          if (latency === undefined || !(value > 0) || !(latency > 0)) continue;
          const list = byMachine.get(machine) ?? [];
          list.push({ at, reading: { requests_per_sec: value, latency_p95: latency * LATENCY_TIMES } });
          byMachine.set(machine, list);
        }
        for (const list of byMachine.values()) {
          list.sort((a, b) => (a.at < b.at ? -1 : 1));
          series.push({
            family: 'azure-vm',
            part: region === 'eastus' ? 'open' : 'kept',
            readings: list.map(({ reading }) => reading),
          });
        }
      }
    }
  }
  return series;
}

/** `value,runtime,starttime,VM_id`; latency and throughput of one run share machine and start. */
function rowsOf(path: string): { key: string; machine: string; at: string; value: number }[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [value, , at, machine] = line.trim().split(',');
      if (at === undefined || machine === undefined) return [];
      return [{ key: `${machine} ${at}`, machine, at, value: Number(value) }];
    });
}

/** So long a window of an hour's trace stands for a minute. */
const LLM_WINDOW_MS = 15_000;
/** What a token takes to be generated; only the shape of the distribution matters here. */
const MS_PER_TOKEN = 30;

/**
 * Azure LLM Inference Trace 2023: every request to two services in one hour. Tokens generated stand for latency: it is made
 * of them, and its tail is as heavy.
 */
export function requestSeries(root: string): Series[] {
  return (['code', 'conv'] as const).map((name) => {
    const windows = new Map<number, number[]>();
    for (const line of readFileSync(join(root, `data/AzureLLMInferenceTrace_${name}.csv`), 'utf8')
      .split('\n')
      .slice(1)) {
      const [at, , tokens] = line.trim().split(',');
      if (at === undefined || tokens === undefined) continue;
      const window = Math.floor(Date.parse(`${at.slice(0, 23).replace(' ', 'T')}Z`) / LLM_WINDOW_MS);
      windows.set(window, [...(windows.get(window) ?? []), Number(tokens) * MS_PER_TOKEN]);
    }
    const [first = 0, last = 0] = [Math.min(...windows.keys()), Math.max(...windows.keys())];
    const readings: Reading[] = [];
    for (let window = first + 1; window < last; window++) {
      const latencies = sorted(windows.get(window) ?? []);
      const latency_p95 = latencies.length > 0 ? quantileOfSorted(latencies, 0.95) : 0;
      readings.push({ requests_per_sec: (latencies.length * 1000) / LLM_WINDOW_MS, latency_p95 });
    }
    return { family: 'azure-llm', part: name === 'code' ? 'open' : 'kept', readings };
  });
}
