import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCollector, startCollector } from '../../../harness/collector.ts';
import { findMonitoringPrograms } from '../../../harness/monitoring-programs.ts';
import { startMonitoringServer, startPrometheus } from '../../../harness/monitoring-server.ts';
import { until } from '../../../harness/until.ts';
import type { PresetName } from '../../../src/model/source.ts';
import { createAddressPolicy } from '../../../src/sources/network/address-policy.ts';
import { createPrometheusClient } from '../../../src/sources/prometheus/client.ts';
import { NO_CREDENTIALS } from '../../../src/sources/prometheus/credentials.ts';
import type { PrometheusExamination } from '../../../src/sources/prometheus/examine.ts';
import {
  type ApplicationKind,
  FASTAPI,
  GO,
  isMissing,
  OPENTELEMETRY,
  PROM_CLIENT,
  type RealApplication,
  startApplication,
} from '../../support/real-applications.ts';

const programs = findMonitoringPrograms('tests of real applications', ['prometheus']);
const victoria = findMonitoringPrograms('a real application on VictoriaMetrics', ['victoria-metrics']);
const noCollector = findCollector('an application through the Collector is');

describe.skipIf(programs.missing)('a real application', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'seqpulse-applications-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Four requests of five are served, one fails, until the source tells so; scraped every second. */
  async function readUnderTraffic(
    application: RealApplication,
    url: string,
    more: { readonly versionLabel?: string } = {},
  ): Promise<PrometheusExamination> {
    const client = createPrometheusClient({
      allow: createAddressPolicy([{ address: '127.0.0.0', family: 'ipv4', prefixBits: 8 }]),
    });
    const settings = {
      url,
      preset: null,
      selector: 'job="shop"',
      containers: null,
      queries: {},
      windowSeconds: null,
      versionLabel: null,
      control: null,
      ...more,
    };
    try {
      return await until('all that the application did to be scraped twice', 20, async () => {
        for (let round = 0; round < 4; round += 1) {
          await Promise.all((['/', '/', '/', '/', '/fault'] as const).map(async (path) => await application.ask(path)));
        }
        const request = { settings, credentials: NO_CREDENTIALS, timeoutMs: 10_000 };
        const examination = await client.examine(request, Date.now());
        if (examination.outcome !== 'examined') throw new Error(examination.reason);
        const known = Object.fromEntries(examination.numbers.map(({ metric, value }) => [metric, value]));
        // Requests before the first scrape count for nobody: the share comes near by and by.
        const { error_rate: errors, cpu_usage: cpu, latency_p95: p95 } = known;
        const isThere = (errors ?? 0) > 0.1 && p95 != null && (examination.settings.preset === 'otel' || cpu != null);
        return isThere ? examination : null;
      });
    } finally {
      await client.close();
    }
  }

  function configure(target: string, more = ''): void {
    writeFileSync(
      join(folder, 'prometheus.yml'),
      `global: { scrape_interval: 1s }
scrape_configs: [{ job_name: shop, ${more}static_configs: [{ targets: ['${target}'] }] }]
`,
    );
  }

  function expectRead(examination: PrometheusExamination, preset: PresetName): void {
    expect(examination.settings.preset).toBe(preset);
    expect(examination.scrapeIntervalSeconds).toBeLessThanOrEqual(2);
    const value = (name: string) => examination.numbers.find(({ metric }) => metric === name)?.value ?? Number.NaN;
    expect(value('requests_per_sec')).toBeGreaterThan(0);
    expect(value('error_rate')).toBeLessThan(0.35);
    expect(value('latency_p95')).toBeGreaterThan(0);
    expect(examination.latencyMean).toBeGreaterThan(0);
    if (!examination.settings.nativeHistograms) expect(examination.latencyBucket?.high).toBeGreaterThan(0);
    if (preset === 'otel') return;
    // They are nearly idle, and each tells its CPU.
    expect(value('cpu_usage')).toBeLessThan(1);
    expect(examination.cpuCores).toBeGreaterThan(0);
  }

  it.each<[string, PresetName, ApplicationKind]>([
    ['with prom-client', 'prom-client', PROM_CLIENT],
    ['with FastAPI’s instrumentator', 'fastapi', FASTAPI],
    ['in Go with promhttp', 'go', GO],
  ])('%s is read as it comes, without a preset named', async (name, preset, kind) => {
    if (isMissing(`an application ${name} is`, kind)) return;
    kind.prepare(folder);
    await using application = await startApplication(kind, folder);
    configure(application.address);
    await using prometheus = await startPrometheus(programs.path('prometheus'), folder);
    const examination = await readUnderTraffic(application, prometheus.url);
    expectRead(examination, preset);
  });

  it('with native histograms is read where these are all that its server keeps', async () => {
    if (isMissing('an application with native histograms is', GO)) return;
    GO.prepare(folder);
    await using application = await startApplication(GO, folder);
    configure(application.address);
    await using prometheus = await startPrometheus(
      programs.path('prometheus'),
      folder,
      '--enable-feature=native-histograms',
    );
    const examination = await readUnderTraffic(application, prometheus.url, { versionLabel: 'job' });
    expectRead(examination, 'go');
    expect(examination.settings.nativeHistograms).toBe(true);
    // Fine buckets: nothing is hidden in one.
    expect(examination.latencyBucket).toBeNull();
    expect(examination.versions?.requests.shop).toBeGreaterThan(0);
    const p95 = examination.numbers.find(({ metric }) => metric === 'latency_p95');
    expect(p95?.query).toMatch(/^1000 \* histogram_quantile\(0\.95, sum\(rate\(http_request_duration_seconds\{/);
  });

  it.skipIf(noCollector.missing)(
    'with OpenTelemetry’s SDK is read through the Collector that it pushes to',
    async () => {
      await using collector = await startCollector({ layers: ['metrics-prometheus'] });
      await using application = await startApplication(OPENTELEMETRY, folder, {
        OTEL_SERVICE_NAME: 'shop',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.otlpUrl,
      });
      configure(collector.prometheusAddress, 'honor_labels: true, ');
      await using prometheus = await startPrometheus(programs.path('prometheus'), folder);
      const examination = await readUnderTraffic(application, prometheus.url);
      expectRead(examination, 'otel');
    },
  );

  it.skipIf(victoria.missing)('is read from a VictoriaMetrics that scrapes it', async () => {
    await using application = await startApplication(PROM_CLIENT, folder);
    configure(application.address);
    await using server = await startMonitoringServer({
      command: ({ address, dataFolder }) => [
        victoria.path('victoria-metrics'),
        `-promscrape.config=${join(folder, 'prometheus.yml')}`,
        `-storageDataPath=${dataFolder}`,
        `-httpListenAddr=${address}`,
        '-memory.allowedBytes=64MB',
        // Samples of the last 30 s are kept from queries otherwise: a minute is asked for after that.
        '-search.latencyOffset=1s',
        '-loggerLevel=WARN',
      ],
    });
    expectRead(await readUnderTraffic(application, server.url), 'prom-client');
  });
});
