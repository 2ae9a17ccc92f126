import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { START_ARGUMENTS } from '../../src/service/start-arguments.ts';

interface ComposeService {
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly command?: readonly string[];
}

const FILES = ['compose.yaml', 'compose.host.yaml', 'compose.host-loopback.yaml'] as const;

/** `!reset` is compose's own tag for what a variant takes away; the schema knows the file without it. */
const textOf = (file: string) => readFileSync(file, 'utf8').replaceAll('!reset ', '');
const servicesOf = (file: string): Record<string, ComposeService> => parse(textOf(file), { merge: true }).services;

const schemaCheck = ['check-jsonschema', '.venv/bin/check-jsonschema'].find((program) => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});
if (schemaCheck === undefined) {
  console.log('skipped: the compose schema (pip install check-jsonschema)');
}

describe.each(FILES)('%s', (file) => {
  test.skipIf(schemaCheck === undefined && process.env.CI === undefined)('fits the compose schema', () => {
    const folder = mkdtempSync(join(tmpdir(), 'seqpulse-compose-'));
    try {
      const copy = join(folder, file);
      writeFileSync(copy, textOf(file));
      const check = () =>
        execFileSync(schemaCheck ?? 'check-jsonschema', ['--builtin-schema', 'vendor.compose-spec', copy], {
          encoding: 'utf8',
        });
      expect(check()).toContain('ok');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('mounts only what is there', () => {
    const mounted = Object.values(servicesOf(file)).flatMap(({ volumes = [] }) => volumes);
    const paths = mounted.map((volume) => volume.split(':')[0] ?? '').filter((path) => path.startsWith('.'));
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });
});

test('every image is pinned to a version', () => {
  const images = Object.values(servicesOf('compose.yaml')).map(({ image = 'none' }) => image);
  expect(images.filter((image) => !/:v?\d+\.\d+(\.\d+)?$/.test(image))).toEqual([]);
  const bases = [...readFileSync('Dockerfile', 'utf8').matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
  expect(new Set(bases)).toEqual(new Set(['node:24.21.0-slim']));
});

test('Grafana gets every variable that its provisioning reads', () => {
  const provisioning = readFileSync('grafana/provisioning/datasources/seqpulse.yaml', 'utf8');
  const read = [...provisioning.matchAll(/\$(GRAFANA_\w+)/g)].map(([, name]) => name);
  expect(read.length).toBeGreaterThan(0);
  const given = Object.keys(servicesOf('compose.yaml').grafana?.environment ?? {});
  expect(read.filter((name) => !given.includes(String(name)))).toEqual([]);
});

test('npm start and the image start Node the way the demo, the benchmark and the tests do', () => {
  const command = `node ${START_ARGUMENTS.join(' ')}`;
  expect(JSON.parse(readFileSync('package.json', 'utf8')).scripts.start).toBe(command);
  const cmd = /^CMD (\[.*\])$/m.exec(readFileSync('Dockerfile', 'utf8'))?.[1] ?? '[]';
  expect(JSON.parse(cmd).join(' ')).toBe(command);
});

test('the image copies every folder that the service imports', () => {
  const dockerfile = readFileSync('Dockerfile', 'utf8');
  const imported = execFileSync('grep', ['-rhoE', "from '(\\.\\./)+[a-z-]+/", 'src', 'otel', 'grafana/role'], {
    encoding: 'utf8',
  });
  const folders = new Set([...imported.matchAll(/\/([a-z-]+)\/$/gm)].map(([, folder]) => folder));
  const outside = [...folders].filter((folder) => folder !== undefined && existsSync(folder));
  expect(outside.filter((folder) => !dockerfile.includes(`COPY ${folder} `) && folder !== 'grafana')).toEqual([]);
});
