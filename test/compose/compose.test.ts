import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { START_ARGUMENTS } from '../../src/service/start-arguments.ts';
import { schemaCheck } from '../support/schema-check.ts';
import { COMPOSE_FILES, readCompose } from './support.ts';

if (schemaCheck === null) {
  console.log('skipped: the compose schema (pip install check-jsonschema)');
}

describe.each(COMPOSE_FILES)('%s', (file) => {
  test.skipIf(schemaCheck === null && process.env.CI === undefined)('fits the compose schema', () => {
    const args = ['--builtin-schema', 'vendor.compose-spec', file];
    expect(execFileSync(schemaCheck ?? 'check-jsonschema', args, { encoding: 'utf8' })).toContain('ok');
  });

  test('mounts only what is there', () => {
    const mounted = Object.values(readCompose(file).services).flatMap(({ volumes = [] }) => volumes);
    const paths = mounted.map((volume) => volume.split(':')[0] ?? '').filter((path) => path.startsWith('.'));
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });

  test('pins every image to a version, the same as the other files', () => {
    for (const [name, { image = 'none' }] of Object.entries(readCompose(file).services)) {
      expect(image).toMatch(/:v?\d+\.\d+(\.\d+)?$/);
      expect(image, name).toBe(readCompose('compose.yaml').services[name]?.image);
    }
  });

  test('gives Grafana every variable that its provisioning reads, and makes our Prometheus the default of our Grafana', () => {
    const provisioning = readFileSync('grafana/provisioning/datasources/seqpulse.yaml', 'utf8');
    const read = [...provisioning.matchAll(/\$(GRAFANA_\w+)/g)].map(([, name]) => name);
    expect(read.length).toBeGreaterThan(0);
    const given = (env = {}) => readCompose(file, env).services.grafana?.environment ?? {};
    expect(read.filter((name) => !Object.keys(given()).includes(String(name)))).toEqual([]);
    expect(String(given().GRAFANA_PROMETHEUS_IS_DEFAULT)).toBe('true');
    const told = given({ GRAFANA_PROMETHEUS_IS_DEFAULT: 'false' });
    expect(String(told.GRAFANA_PROMETHEUS_IS_DEFAULT)).toBe('false');
  });
});

test('every base of the image is pinned to a version', () => {
  const bases = [...readFileSync('Dockerfile', 'utf8').matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
  expect(new Set(bases)).toEqual(new Set(['node:24.21.0-slim']));
});

test('npm start and the image start Node the way the demo, the benchmark and the tests do', () => {
  const command = `node ${START_ARGUMENTS.join(' ')}`;
  expect(JSON.parse(readFileSync('package.json', 'utf8')).scripts.start).toBe(command);
  const cmd = /^CMD (\[.*\])$/m.exec(readFileSync('Dockerfile', 'utf8'))?.[1] ?? '[]';
  expect(JSON.parse(cmd).join(' ')).toBe(command);
});

test('the image copies every folder that the service imports', () => {
  const dockerfile = readFileSync('Dockerfile', 'utf8');
  const imported = execFileSync(
    'grep',
    ['-rhoE', '--exclude=generate-*.ts', "from '(\\.\\./)+[a-z-]+/", 'src', 'otel', 'grafana/role'],
    {
      encoding: 'utf8',
    },
  );
  const folders = new Set([...imported.matchAll(/\/([a-z-]+)\/$/gm)].map(([, folder]) => folder));
  const outside = [...folders].filter((folder) => folder !== undefined && existsSync(folder));
  expect(outside.filter((folder) => !dockerfile.includes(`COPY ${folder} `) && folder !== 'grafana')).toEqual([]);
});

test('the first hour tells how to start each of them, and names no other', () => {
  for (const page of ['docs/onboarding.md', 'docs/onboarding.fr.md']) {
    const named = readFileSync(page, 'utf8').match(/compose[\w.-]*\.yaml/g) ?? [];
    expect([...new Set(named)].filter((name) => !existsSync(name))).toEqual([]);
    expect(named).toEqual(expect.arrayContaining(['compose.watch.yaml', 'compose.watch-desktop.yaml']));
  }
});
