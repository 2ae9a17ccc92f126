import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const MAX_LINES = 265;
const MAX_COMPOSITION_LINES = 130;

const linesOf = (file: string): number => readFileSync(file, 'utf8').trimEnd().split('\n').length;

test('no file of the product is longer than one reads at a sitting', () => {
  const files = globSync('{src,otel,client,cli,action}/**/*.ts', { exclude: ['**/dist/**'] });
  expect(files.length).toBeGreaterThan(300);
  expect(files.filter((file) => linesOf(file) > MAX_LINES)).toEqual([]);
});

test('the service’s composition stays composition', () => {
  expect(linesOf('src/service/service.ts')).toBeLessThanOrEqual(MAX_COMPOSITION_LINES);
});
