import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { findMonitoringPrograms, runProgram } from '../../harness/monitoring-programs.ts';
import { DEFAULT_LINK_BASES } from '../../prometheus/alert-catalog.ts';
import { readCompose, WATCH_FILES } from './support.ts';

const programs = findMonitoringPrograms('the tests of what the watchers’ Prometheus is given are', ['promtool']);

/** host:port, as people reach a watcher. */
function addressesOf(file: string, env: Readonly<Record<string, string>> = {}): string[] {
  return Object.values(readCompose(file, env).services).flatMap((service) => {
    const listen = service.command?.find((word) => word.startsWith('--web.listen-address='))?.split('=')[1];
    const { GF_SERVER_HTTP_ADDR: address, GF_SERVER_HTTP_PORT: port } = service.environment ?? {};
    const grafana = address === undefined ? [] : [`${address}:${port}`];
    return [
      ...(listen === undefined ? [] : [listen]),
      ...grafana,
      ...(service.ports ?? []).map((mapped) => mapped.split(':').slice(0, 2).join(':')),
    ];
  });
}

/** Who Prometheus scrapes and who gets its alerts, by the name of the file below targets/. */
function targetsOf(file: string, env: Readonly<Record<string, string>> = {}) {
  const { services, configs = {} } = readCompose(file, env);
  const given = services.prometheus?.configs ?? [];
  return Object.fromEntries(
    given.map(({ source, target }) => [basename(target), parse(configs[source]?.content ?? '')]),
  );
}

describe.each(WATCH_FILES)('%s', (file) => {
  test('starts Prometheus, Alertmanager and Grafana alone, each on a port of 127.0.0.1', () => {
    expect(Object.keys(readCompose(file).services)).toEqual(['prometheus', 'alertmanager', 'grafana']);
    expect(addressesOf(file)).toEqual(['127.0.0.1:9090', '127.0.0.1:9093', '127.0.0.1:3002']);
  });

  test('listens where the links in alerts lead', () => {
    const ports = [DEFAULT_LINK_BASES.runbooks, DEFAULT_LINK_BASES.grafana].map((url) => new URL(url).port);
    expect(addressesOf(file)).toEqual(expect.arrayContaining(ports.map((port) => `127.0.0.1:${port}`)));
  });

  test('goes elsewhere with all that follows where a port is taken', () => {
    const env = { PROMETHEUS_PORT: '19090', ALERTMANAGER_PORT: '19093', GRAFANA_PORT: '13002', SEQPULSE_PORT: '18000' };
    expect(addressesOf(file, env)).toEqual(['127.0.0.1:19090', '127.0.0.1:19093', '127.0.0.1:13002']);
    expect(targetsOf(file, env)['seqpulse.yml'][0].targets[0]).toMatch(/:18000$/);
    const grafana = readCompose(file, env).services.grafana?.environment ?? {};
    const onHost = readCompose(file).services.grafana?.network_mode === 'host';
    expect(grafana.GRAFANA_PROMETHEUS_URL).toBe(onHost ? 'http://127.0.0.1:19090' : 'http://prometheus:9090');
    const alerts = targetsOf(file, env)['alertmanager.yml'][0].targets;
    expect(alerts).toEqual([onHost ? '127.0.0.1:19093' : 'alertmanager:9093']);
  });

  test('scrapes the service under the environment it has, development unless told', () => {
    expect(targetsOf(file)['seqpulse.yml'][0].labels).toEqual({ environment: 'development' });
    expect(targetsOf(file, { SEQPULSE_ENV: 'prod' })['seqpulse.yml'][0].labels).toEqual({ environment: 'prod' });
  });

  test.skipIf(programs.missing)('gives Prometheus a configuration that it takes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'seqpulse-watch-'));
    try {
      const { services, configs = {} } = readCompose(file);
      const inside = (path: string) => join(folder, path.replace('/etc/prometheus', ''));
      for (const volume of services.prometheus?.volumes ?? []) {
        const [from = '', to = ''] = volume.split(':');
        if (to.startsWith('/etc/prometheus')) cpSync(from, inside(to), { recursive: true });
      }
      for (const { source, target } of services.prometheus?.configs ?? []) {
        mkdirSync(dirname(inside(target)), { recursive: true });
        writeFileSync(inside(target), configs[source]?.content ?? '');
      }
      const checked = await runProgram(programs.path('promtool'), [
        'check',
        'config',
        inside('/etc/prometheus/prometheus.yml'),
      ]);
      expect(checked.ok, checked.output).toBe(true);
      expect(checked.output).toContain('2 rule files found');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('on Linux every watcher is in the host’s network, so a service on 127.0.0.1 is reached like one on 0.0.0.0', () => {
  const { services } = readCompose('compose.watch.yaml');
  expect(Object.values(services).map((service) => service.network_mode)).toEqual(['host', 'host', 'host']);
  expect(targetsOf('compose.watch.yaml')['seqpulse.yml'][0].targets).toEqual(['127.0.0.1:8000']);
  expect(services.grafana?.environment?.GRAFANA_SQL_HOST).toBe('127.0.0.1:5432');
  // Would else be 9094 of the host, on all addresses.
  expect(services.alertmanager?.command).toContain('--cluster.listen-address=');
});

test('on Docker Desktop none is, and the host is host.docker.internal', () => {
  const { services } = readCompose('compose.watch-desktop.yaml');
  expect(Object.values(services).filter((service) => service.network_mode !== undefined)).toEqual([]);
  expect(targetsOf('compose.watch-desktop.yaml')['seqpulse.yml'][0].targets).toEqual(['host.docker.internal:8000']);
  expect(services.grafana?.environment?.GRAFANA_SQL_HOST).toBe('host.docker.internal:5432');
});

test('both give the watchers the same files and settings as compose.yaml, apart from where things are', () => {
  const whereThingsAre = /^GF_SERVER_HTTP|_URL$|_HOST$/;
  const settings = (file: string, name: string) => {
    const { volumes, entrypoint, environment = {} } = readCompose(file).services[name] ?? {};
    const kept = Object.entries(environment).filter(([key]) => key.startsWith('ALERT_') || !whereThingsAre.test(key));
    const mounted = volumes?.filter((volume) => !volume.endsWith('/etc/prometheus/targets:ro'));
    return { entrypoint, volumes: mounted, environment: Object.fromEntries(kept) };
  };
  for (const name of ['prometheus', 'alertmanager', 'grafana']) {
    for (const file of WATCH_FILES) expect(settings(file, name), file).toEqual(settings('compose.yaml', name));
  }
});
