import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const MAX_LINES = 265;
const MAX_LINES_OF_NINE_IN_TEN = 150;
const MAX_COMPOSITION_LINES = 130;

const linesOf = (file: string): number => readFileSync(file, 'utf8').trimEnd().split('\n').length;

test('no file of the product is longer than one reads at a sitting', () => {
  const files = globSync('{src,otel,client,cli,action}/**/*.ts', { exclude: ['**/dist/**'] });
  expect(files.length).toBeGreaterThan(300);
  expect(files.filter((file) => linesOf(file) > MAX_LINES)).toEqual([]);
});

test('nine files in ten of src and otel are short', () => {
  const lengths = globSync('{src,otel}/**/*.ts')
    .map(linesOf)
    .toSorted((one, other) => one - other);
  expect(lengths[Math.floor(0.9 * lengths.length)]).toBeLessThanOrEqual(MAX_LINES_OF_NINE_IN_TEN);
});

test('the service’s composition stays composition', () => {
  expect(linesOf('src/service/service.ts')).toBeLessThanOrEqual(MAX_COMPOSITION_LINES);
});
