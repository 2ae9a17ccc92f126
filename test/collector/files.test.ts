import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { collectorProgramPath } from '../../collector/program.ts';
import { findCollector } from '../../harness/collector.ts';
import { runProgram } from '../../harness/monitoring-programs.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const builder = parse(read('collector/builder.yaml'));
const compose = parse(read('compose.yaml'), { merge: true }).services;
const variables = Object.fromEntries(
  read('collector/compose.env')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/=(.*)/s).slice(0, 2)),
);
const layers = readdirSync('collector').filter((name) => name.endsWith('.yaml') && name !== 'builder.yaml');
const collector = findCollector('the tests of the Collector’s configuration are');

describe('compose.yaml', () => {
  test('runs the contrib image of the version that is built', () => {
    expect(compose.collector.image).toBe(`otel/opentelemetry-collector-contrib:${builder.dist.version}`);
    const modules = ['receivers', 'processors', 'exporters', 'extensions'].flatMap((kind) => builder[kind]);
    const versions = modules.map(({ gomod }: { gomod: string }) => gomod.split(' v')[1]);
    expect(new Set(versions)).toEqual(new Set([builder.dist.version]));
  });

  test('gives it files that are there, base first', () => {
    const given = compose.collector.command.map((word: string) => /^--config=\/etc\/collector\/(.+)$/.exec(word)?.[1]);
    expect(given[0]).toBe('base.yaml');
    expect(layers).toEqual(expect.arrayContaining(given));
    expect(compose.collector.volumes).toEqual(['./collector:/etc/collector:ro']);
  });

  test('with collector/compose.env the service pushes to it and Prometheus scrapes it alone', () => {
    expect(compose.collector.profiles).toEqual([variables.COMPOSE_PROFILES]);
    expect(new URL(variables.OTEL_EXPORTER_OTLP_ENDPOINT ?? '').hostname).toBe('collector');
    for (const name of Object.keys(variables).filter((variable) => variable.startsWith('OTEL_'))) {
      expect(compose.seqpulse.environment[name]).toContain(`\${${name}:-`);
    }
    const mount = compose.prometheus.volumes.find((volume: string) => volume.includes('PROMETHEUS_TARGETS'));
    expect(mount).toMatch(/:-\.\/prometheus\/targets\}:\/etc\/prometheus\/targets:ro$/);
    const targets = readdirSync(variables.PROMETHEUS_TARGETS ?? '').sort();
    expect(targets).toEqual(['alertmanager.yml', 'collector.yml']);
    expect(parse(read(`${variables.PROMETHEUS_TARGETS}/collector.yml`))).toEqual([
      { targets: ['collector:8889'], labels: { environment: 'development' } },
    ]);
  });

  test('starts without the Collector when nothing is said', () => {
    const always = Object.entries<{ profiles?: string[] }>(compose).filter(
      ([, { profiles }]) => profiles === undefined,
    );
    expect(always.map(([name]) => name)).not.toContain('collector');
    expect(always.map(([name]) => name)).not.toContain('jaeger');
  });
});

describe.skipIf(collector.missing)('the Collector', () => {
  const validate = (...files: string[]) =>
    runProgram(collectorProgramPath(), ['validate', ...files.map((file) => `--config=collector/${file}`)]);

  test('takes every layer on top of base, and all of them together', async () => {
    const others = layers.filter((file) => file !== 'base.yaml' && file !== 'traces-tail-sampling.yaml');
    expect(others).toHaveLength(4);
    for (const file of others) expect(await validate('base.yaml', file)).toEqual({ ok: true, output: '' });
    const sampling = ['base.yaml', 'traces-backend.yaml', 'traces-tail-sampling.yaml'];
    expect(await validate(...sampling)).toEqual({ ok: true, output: '' });
    expect(await validate(...sampling, 'metrics-prometheus.yaml', 'logs-backend.yaml', 'look.yaml')).toEqual({
      ok: true,
      output: '',
    });
  });

  test('refuses a component that it does not hold', async () => {
    expect((await validate('base.yaml', 'builder.yaml')).ok).toBe(false);
  });
});
