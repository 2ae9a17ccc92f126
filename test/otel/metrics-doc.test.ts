import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { allMetrics } from '../../otel/catalog/catalog.ts';
import { renderMetricsDoc } from '../../otel/catalog/generate-metrics-doc.ts';

const script = new URL('../../otel/catalog/generate-metrics-doc.ts', import.meta.url).pathname;

test('docs/metrics.md is what the catalogue says', () => {
  const check = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect(check.stderr).toBe('');
  expect(check.status).toBe(0);
});

test('the page names every metric, label and value', () => {
  const page = renderMetricsDoc(allMetrics);
  for (const { name, description, labels } of allMetrics) {
    expect(page).toContain(`### ${name}\n\n${description}\n`);
    for (const label of labels) {
      expect(page).toContain(`- label \`${label.name}\`: `);
      if (typeof label.values !== 'string') for (const value of label.values) expect(page).toContain(`\`${value}\``);
    }
  }
});
