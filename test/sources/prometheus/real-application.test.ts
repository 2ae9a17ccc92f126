import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import { findMonitoringPrograms } from '../../../harness/monitoring-programs.ts';
import { startPrometheus } from '../../../harness/monitoring-server.ts';
import { until } from '../../../harness/until.ts';
import { createAddressPolicy } from '../../../src/sources/network/address-policy.ts';
import { createPrometheusClient } from '../../../src/sources/prometheus/client.ts';
import { NO_CREDENTIALS } from '../../../src/sources/prometheus/credentials.ts';

const programs = findMonitoringPrograms('the test of a real application', ['prometheus']);

/** An application with OpenTelemetry's SDK and its Prometheus exporter, as its documentation sets them up. */
async function startApplication() {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  const duration = provider.getMeter('shop').createHistogram('http.server.request.duration', {
    unit: 's',
    // As the instrumentation of HTTP advises, after the semantic conventions.
    advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] },
  });
  const server = createServer((request, response) => {
    if (request.url === '/metrics') return exporter.getMetricsRequestHandler(request, response);
    const isFault = request.url === '/fault';
    duration.record(isFault ? 0.3 : 0.06, { 'http.response.status_code': isFault ? 500 : 200 });
    response.writeHead(isFault ? 500 : 200).end();
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    ask: async (path: string) => void (await fetch(`http://${address}${path}`)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await provider.shutdown();
    },
  };
}

test.skipIf(programs.missing)(
  'an application with the OpenTelemetry SDK is read as it comes, without a preset named',
  async () => {
    await using application = await startApplication();
    const folder = mkdtempSync(join(tmpdir(), 'seqpulse-real-'));
    writeFileSync(
      join(folder, 'prometheus.yml'),
      `global: { scrape_interval: 1s }
scrape_configs:
  - job_name: shop
    static_configs: [{ targets: ['${application.address}'] }]
`,
    );
    try {
      await using prometheus = await startPrometheus(programs.path('prometheus'), folder);
      const client = createPrometheusClient({
        allow: createAddressPolicy([{ address: '127.0.0.0', family: 'ipv4', prefixBits: 8 }]),
      });
      const settings = {
        url: prometheus.url,
        preset: null,
        selector: 'job="shop"',
        containers: null,
        queries: {},
        windowSeconds: null,
        versionLabel: null,
        control: null,
      };
      const examined = await until('all that the application did to be scraped twice', 5, async () => {
        for (const path of ['/', '/', '/', '/', '/fault']) await application.ask(path);
        const request = { settings, credentials: NO_CREDENTIALS, timeoutMs: 10_000 };
        const examination = await client.examine(request, Date.now());
        if (examination.outcome !== 'examined') throw new Error(examination.reason);
        const errors = examination.numbers.find(({ metric }) => metric === 'error_rate')?.value ?? 0;
        return errors > 0.1 ? examination : null;
      });
      expect(examined.settings.preset).toBe('otel');
      const value = (name: string) => examined.numbers.find(({ metric }) => metric === name)?.value;
      expect(value('requests_per_sec')).toBeGreaterThan(0);
      expect(value('error_rate')).toBeLessThan(0.4);
      // A fifth take 300 ms: the p95 is a guess within the bucket from 250 to 500.
      expect(examined.latencyBucket).toEqual({ low: 250, high: 500 });
      expect(examined.latencyMean).toBeGreaterThan(60);
      expect(examined.latencyMean).toBeLessThan(300);
      await client.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
