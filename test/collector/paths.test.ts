import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { comparisonTable } from '../../collector/comparison/report.ts';
import { comparePaths, type PathComparison } from '../../collector/comparison/run.ts';
import { findCollector } from '../../harness/collector.ts';
import { findMonitoringPrograms } from '../../harness/monitoring-programs.ts';
import { allMetrics } from '../../otel/catalog/catalog.ts';
import { createTestDatabase } from '../support/database.ts';

const TESTS = 'the comparison of the ways through the service and through the Collector is';
const programs = findMonitoringPrograms(TESTS, ['prometheus']);
const collector = findCollector(TESTS);

describe.skipIf(programs.missing || collector.missing)('scraped from the service and through the Collector', () => {
  const opened = new AsyncDisposableStack();
  let comparison: PathComparison;

  beforeAll(async () => {
    const database = opened.use(await createTestDatabase());
    comparison = await comparePaths(database.url, programs);
  });
  afterAll(async () => await opened.disposeAsync());

  test('every metric of the catalogue has been stored', () => {
    const stored = comparison.metrics.filter(({ direct }) => direct > 0).map(({ name }) => name);
    expect(allMetrics.map(({ name }) => name).filter((name) => !stored.includes(name))).toEqual([]);
  });

  test('names, labels, label values, types and values are the same, instance apart', () => {
    expect(comparison.metrics.flatMap(({ differences }) => differences)).toEqual([]);
    expect(comparison.metrics.filter(({ direct, other }) => direct !== other)).toEqual([]);
  });

  test('the six panels of the contract have the same answers', () => {
    expect(comparison.panels).toHaveLength(6);
    expect(comparison.panels.flatMap(({ differences }) => differences)).toEqual([]);
  });

  test('the table says so in its last line', () => {
    expect(comparisonTable(comparison).split('\n').at(-1)).toMatch(
      /^(\d+) series .*, \1 by the Collector: 0 differences$/,
    );
  });
});
