import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPrometheusOfBlocks } from '../../harness/filled-prometheus.ts';
import { createAddressPolicy } from '../../src/sources/network/address-policy.ts';
import { createPrometheusClient, type PrometheusClient } from '../../src/sources/prometheus/client.ts';
import { NO_CREDENTIALS } from '../../src/sources/prometheus/credentials.ts';
import type { JudgeInput } from '../../src/verdict/types.ts';
import { type Case, inputOf } from '../verdict/cases.ts';
import { inputOfReadings } from './input-of-readings.ts';
import { linesOf, minutesOf } from './series.ts';

/** Cases in one Prometheus: some 50 MB of text. */
const BATCH = 100;
const START_SECONDS = Date.parse('2026-01-01T00:00:00Z') / 1_000;
const MINUTE_MS = 60_000;

export type EdgesOf = (minutes: ReturnType<typeof minutesOf>) => readonly number[];

/** Each case as the engine gets it when a real Prometheus, which scraped the application, is its source. */
export async function replay(cases: readonly Case[], edgesOf: EdgesOf): Promise<JudgeInput[]> {
  const inputs: JudgeInput[] = [];
  for (let from = 0; from < cases.length; from += BATCH) {
    inputs.push(...(await replayBatch(cases.slice(from, from + BATCH), edgesOf)));
  }
  return inputs;
}

async function replayBatch(cases: readonly Case[], edgesOf: EdgesOf): Promise<JudgeInput[]> {
  const folder = mkdtempSync(join(tmpdir(), 'seqpulse-replay-'));
  const file = join(folder, 'series.txt');
  const lines = cases.flatMap((one) => {
    const minutes = minutesOf(one);
    return linesOf(one.id, minutes, edgesOf(minutes), START_SECONDS);
  });
  writeFileSync(file, `${lines.join('\n')}\n# EOF\n`);
  const client = createPrometheusClient({
    allow: createAddressPolicy([{ address: '127.0.0.0', family: 'ipv4', prefixBits: 8 }]),
  });
  try {
    await using prometheus = await startPrometheusOfBlocks(file);
    rmSync(folder, { recursive: true });
    const inputs: JudgeInput[] = [];
    for (const one of cases) inputs.push(await readCase(client, prometheus.url, one));
    return inputs;
  } finally {
    await client.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function readCase(client: PrometheusClient, url: string, one: Case): Promise<JudgeInput> {
  const pulled = inputOf(one);
  const minutes = pulled.pre.length + pulled.post.length;
  const settings = {
    url,
    preset: 'otel' as const,
    selector: `service_name="${one.id}"`,
    containers: null,
    queries: {},
    windowSeconds: 60,
    versionLabel: null,
    control: null,
  };
  const endMs = START_SECONDS * 1_000 + minutes * MINUTE_MS;
  const read = await client.span({ settings, credentials: NO_CREDENTIALS, timeoutMs: 30_000 }, { endMs, minutes });
  if ('outcome' in read) throw new Error(`${one.id}: ${read.reason}`);
  const changeMs = START_SECONDS * 1_000 + pulled.pre.length * MINUTE_MS;
  return inputOfReadings(pulled, read, changeMs);
}
