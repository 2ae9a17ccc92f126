import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findMonitoringPrograms } from '../../../harness/monitoring-programs.ts';
import { type MonitoringServer, startMonitoringServer } from '../../../harness/monitoring-server.ts';
import { until } from '../../../harness/until.ts';
import type { PrometheusCredentials, PrometheusSettings } from '../../../src/model/source.ts';
import { createAddressPolicy } from '../../../src/sources/network/address-policy.ts';
import { createPrometheusClient, type PrometheusClient } from '../../../src/sources/prometheus/client.ts';
import { NO_CREDENTIALS } from '../../../src/sources/prometheus/credentials.ts';

const programs = findMonitoringPrograms('what a real Prometheus refuses', ['prometheus']);
/** bcrypt of "sesame", as Prometheus wants it. */
const HASH = '$2b$04$RcO3Nl38l4.7g3hGWzdkyuPTaRH1z8.DLdL.nu40VEHLdpgRK0ah6';
const UP = { requests_per_sec: 'sum(up{$selector})' };

/** What it says in its own words and statuses, so that nothing here rests on a guess of ours. */
describe.skipIf(programs.missing)('a real Prometheus that can not or will not', () => {
  let folder: string;
  let client: PrometheusClient;
  const request = (
    url: string,
    queries: PrometheusSettings['queries'] = UP,
    credentials: PrometheusCredentials = NO_CREDENTIALS,
  ) => ({
    settings: {
      url,
      preset: null,
      selector: '',
      containers: null,
      queries,
      windowSeconds: 60,
      versionLabel: null,
      control: null,
    },
    credentials,
    timeoutMs: 20_000,
  });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'seqpulse-refusals-'));
    client = createPrometheusClient({
      allow: createAddressPolicy([{ address: '127.0.0.0', family: 'ipv4', prefixBits: 8 }]),
    });
  });
  afterAll(async () => {
    await client?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Scrapes itself; `more`: further lines of its configuration, and how it is asked whether it is ready then. */
  async function start(
    more: { config?: string; web?: string; args?: readonly string[]; path?: string; authorization?: string } = {},
  ) {
    return await startMonitoringServer({
      command({ address, dataFolder }) {
        const config = join(dataFolder, 'prometheus.yml');
        writeFileSync(
          config,
          `global: { scrape_interval: 1s }
scrape_configs: [{ job_name: self, static_configs: [{ targets: ['${address}'] }] }]
${more.config ?? ''}`,
        );
        writeFileSync(join(dataFolder, 'web.yml'), more.web ?? '');
        return [
          programs.path('prometheus'),
          `--config.file=${config}`,
          `--web.config.file=${join(dataFolder, 'web.yml')}`,
          `--storage.tsdb.path=${join(dataFolder, 'data')}`,
          `--web.listen-address=${address}`,
          ...(more.args ?? []),
        ];
      },
      isReady: async (url) => {
        const headers = more.authorization === undefined ? {} : { Authorization: more.authorization };
        return (await fetch(`${url}${more.path ?? ''}/-/ready`, { headers })).ok;
      },
    });
  }

  it('let us in without the password: 401; with it: it answers', async () => {
    await using server = await start({
      web: `basic_auth_users: { reader: '${HASH}' }\n`,
      authorization: `Basic ${Buffer.from('reader:sesame').toString('base64')}`,
    });
    expect(await client.minute(request(server.url), Date.now())).toMatchObject({
      outcome: 'bad_status',
      reason: expect.stringMatching(/answered 401: it refuses the credentials; check auth/),
    });
    const auth = { type: 'basic', username: 'reader', password: 'sesame' } as const;
    // No sample is there yet, or one: either way it was let in.
    const examined = await client.examine(request(server.url, UP, { auth, headers: {} }), Date.now());
    expect(examined).toMatchObject({ outcome: 'examined' });
  });

  it('reach a part of its data: the warning is passed on, and the number counts', async () => {
    await using server = await start({
      config: "remote_read: [{ url: 'http://127.0.0.1:9/read', read_recent: true }]",
    });
    const requests = await until('its first scrape', 5, async () => {
      const examined = await client.examine(request(server.url), Date.now());
      if (examined.outcome !== 'examined') throw new Error(examined.reason);
      const [found] = examined.numbers.filter(({ metric }) => metric === 'requests_per_sec');
      return found !== undefined && found.value !== null ? found : null;
    });
    expect(requests.warnings).toEqual([expect.stringMatching(/remote_read/)]);
    expect(requests.problem).toBeNull();
  });

  it('execute a query: 422 is told for that number, the others count', async () => {
    await using server = await start();
    const queries = {
      ...UP,
      error_rate: 'sum(prometheus_http_requests_total * on (job) prometheus_http_requests_total)',
    };
    await until(
      'its first scrape',
      5,
      async () => (await client.minute(request(server.url), Date.now())).outcome === 'ok',
    );
    const examined = await client.examine(request(server.url, queries), Date.now());
    if (examined.outcome !== 'examined') throw new Error(examined.reason);
    const problem = examined.numbers.find(({ metric }) => metric === 'error_rate')?.problem;
    expect(problem).toMatch(/was refused: answered 422: found duplicate series/);
    expect(examined.success).toBe(true);
  });

  it('answer in time: 503, in its words', async () => {
    await using server: MonitoringServer = await start({ args: ['--query.timeout=0s'] });
    expect(await client.minute(request(server.url), Date.now())).toMatchObject({
      outcome: 'bad_status',
      status: 503,
      reason: expect.stringMatching(/answered 503: query timed out/),
    });
  });

  it('be found below this path: its own page is no answer', async () => {
    await using server = await start({ args: ['--web.route-prefix=/prometheus'], path: '/prometheus' });
    expect(await client.minute(request(server.url), Date.now())).toMatchObject({ outcome: 'bad_status' });
    const examined = await client.examine(request(`${server.url}/prometheus`), Date.now());
    expect(examined).toMatchObject({ outcome: 'examined' });
  });
});
