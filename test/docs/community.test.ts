import { execFileSync } from 'node:child_process';
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
  const commands = [...page.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
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
  expect(readdirSync(join(ROOT, '.github/workflows'))).toEqual(['ci.yml']);
});

test.skipIf(schemaCheck === null && process.env.CI === undefined)('workflow and issue forms fit their schemas', () => {
  const forms = readdirSync(join(ROOT, '.github/ISSUE_TEMPLATE')).filter((name) => name !== 'config.yml');
  expect(forms.length).toBeGreaterThan(1);
  const check = (schema: string, ...files: string[]) =>
    execFileSync(schemaCheck ?? 'check-jsonschema', ['--builtin-schema', schema, ...files], {
      cwd: ROOT,
      encoding: 'utf8',
    });
  expect(check('vendor.github-workflows', '.github/workflows/ci.yml')).toContain('ok');
  expect(check('vendor.github-issue-forms', ...forms.map((name) => `.github/ISSUE_TEMPLATE/${name}`))).toContain('ok');
  expect(check('vendor.github-issue-config', '.github/ISSUE_TEMPLATE/config.yml')).toContain('ok');
});
