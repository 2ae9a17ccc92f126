import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { schemaCheck } from '../support/schema-check.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const { version, license, scripts } = JSON.parse(textOf('package.json'));

test('the licence is MIT wherever it is named', () => {
  expect(textOf('LICENSE')).toContain('MIT License');
  expect(textOf('LICENSE')).toContain('the SeqPulse authors');
  expect(license).toBe('MIT');
  expect(JSON.parse(textOf('package-lock.json')).packages[''].license).toBe('MIT');
});

test('the change log opens with the version of the package', () => {
  expect(/^## (\S+?),? /m.exec(textOf('CHANGELOG.md'))?.[1]).toBe(version);
});

test('the contributors’ page names commands and files that are there', () => {
  const page = textOf('CONTRIBUTING.md');
  const commands = [...page.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name = '']) => name);
  expect(commands.length).toBeGreaterThan(5);
  expect(commands.filter((name) => !(name in scripts))).toEqual([]);
  const paths = [
    ...page.matchAll(
      /`((?:src|otel|client|prometheus|alertmanager|grafana|collector|test|docs|\.github|\.ci)\/[\w./-]*)`/g,
    ),
  ];
  expect(paths.length).toBeGreaterThan(25);
  expect(paths.map(([, path = '']) => path).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  expect(page.match(/^### /gm)).toHaveLength(6);
});

test('CI runs what runs on any machine, and nothing else', () => {
  const { jobs } = parse(textOf('.github/workflows/ci.yml'));
  const commands = jobs.check.steps.flatMap(({ run }: { run?: string }) => (run === undefined ? [] : [run]));
  expect(commands.at(-1)).toBe('bash .ci/run');
});

test('a release is made of what CI has passed, and of a tag that is the version', () => {
  expect(readdirSync(join(ROOT, '.github/workflows'))).toEqual(['ci.yml', 'release.yml']);
  const { on, jobs } = parse(textOf('.github/workflows/release.yml'));
  expect(on).toEqual({ push: { tags: ['v*'] } });
  expect(parse(textOf('.github/workflows/ci.yml')).on).toHaveProperty('workflow_call');
  const { check, ...others } = jobs;
  expect(check).toEqual({ uses: './.github/workflows/ci.yml' });
  expect(Object.values<{ needs?: string }>(others).map(({ needs }) => needs)).toEqual(['check', 'check']);
  // The step itself, as the runner's shell runs it.
  const [step] = jobs.packages.steps.filter(({ name }: { name?: string }) => name?.startsWith('The tag is'));
  const passes = (tag: string) =>
    spawnSync('bash', ['-e', '-c', step.run], { cwd: ROOT, env: { ...process.env, GITHUB_REF_NAME: tag } }).status ===
    0;
  expect([passes(`v${version}`), passes('v9.9.9'), passes(version)]).toEqual([true, false, false]);
  const commands = jobs.packages.steps.flatMap(({ run = '' }: { run?: string }) => [
    ...run.matchAll(/npm run -s (\S+)/g),
  ]);
  expect(commands.map(([, name]: string[]) => name)).toEqual(['sbom']);
  expect(scripts).toHaveProperty('sbom');
});

test.skipIf(schemaCheck === null && process.env.CI === undefined)('workflow and issue forms fit their schemas', () => {
  const forms = readdirSync(join(ROOT, '.github/ISSUE_TEMPLATE')).filter((name) => name !== 'config.yml');
  expect(forms.length).toBeGreaterThan(1);
  const check = (schema: string, ...files: string[]) =>
    execFileSync(schemaCheck ?? 'check-jsonschema', ['--builtin-schema', schema, ...files], {
      cwd: ROOT,
      encoding: 'utf8',
    });
  const workflows = readdirSync(join(ROOT, '.github/workflows')).map((name) => `.github/workflows/${name}`);
  expect(check('vendor.github-workflows', ...workflows)).toContain('ok');
  expect(check('vendor.github-issue-forms', ...forms.map((name) => `.github/ISSUE_TEMPLATE/${name}`))).toContain('ok');
  expect(check('vendor.github-issue-config', '.github/ISSUE_TEMPLATE/config.yml')).toContain('ok');
});
