import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** One word for one thing, in what names are made of (CONTRIBUTING.md). */

const FILES = globSync(
  '{src,otel,client,cli,action,bench,harness,scripts,grafana,collector,demo,deploy,test}/**/*.ts',
  {
    exclude: ['**/dist/**', '**/node_modules/**'],
  },
);

test('a limit is called MAX_… or MIN_…', () => {
  expect(FILES.length).toBeGreaterThan(800);
  const named = FILES.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\bconst ((?:MOST|LEAST|MAXIMUM|MINIMUM)_\w+|[A-Z_]+_(?:MAX|MIN))\b/g)].map(
      ([, name]) => `${file}: ${name}`,
    ),
  );
  expect(named).toEqual([]);
});
