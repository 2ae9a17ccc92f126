import { expect, test } from 'vitest';
import { CONTRACT_PANELS } from '../../harness/contract-panels.ts';
import { committedDashboards } from './committed-dashboards.ts';

const panelsOf = (uid: string) =>
  committedDashboards().find(({ dashboard }) => dashboard.uid === uid)?.dashboard.panels ?? [];

test.each(Object.entries(CONTRACT_PANELS))('Monitoring MVP has the panel %s with exactly its PromQL', (title, expr) => {
  const panel = panelsOf('seqpulse-monitoring-mvp').find((one) => one.title === title);
  expect(panel?.targets?.map((target) => target.expr)).toEqual([expr]);
});

test('Monitoring MVP has the error rate as its seventh panel, and no eighth', () => {
  const titles = panelsOf('seqpulse-monitoring-mvp').map(({ title }) => title);
  expect(titles).toHaveLength(7);
  expect(titles).toContain('HTTP Error Rate (%)');
});

test('the operations dashboard opens with a row of tiles', () => {
  const tiles = panelsOf('seqpulse-operations').slice(0, 8);
  expect(tiles.map(({ type }) => type)).toEqual(Array.from({ length: 8 }, () => 'stat'));
});
