import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { allMetrics, catalog } from '../../otel/catalog/catalog.ts';
import {
  ALERT_NAMES,
  DEFAULT_LINK_BASES,
  dashboardUrl,
  OPERATIONS_PANELS,
  runbookUrl,
} from '../../prometheus/alert-catalog.ts';
import { BURN_RATES, burnRateRatio, LIMITS, SCRAPE_INTERVAL } from '../../prometheus/limits.ts';
import { PROMETHEUS_FOLDER } from '../../prometheus/mutation/mutants.ts';
import { recordingRules } from '../../prometheus/recording-rules.ts';
import { alertGroups } from '../../prometheus/render-rules.ts';
import type { AlertRule } from '../../prometheus/rule.ts';

const groups = alertGroups(DEFAULT_LINK_BASES);
const alerts = groups.flatMap(({ rules }) => rules).filter((rule): rule is AlertRule => 'alert' in rule);
const recorded = recordingRules().rules.flatMap((rule) => ('record' in rule ? [rule] : []));
const titled = alerts.map((rule) => ({ ...rule, title: [rule.alert, ...Object.values(rule.labels)].join(' ') }));

test('every alert of the catalogue has a rule, and every rule is in the catalogue', () => {
  expect([...new Set(alerts.map(({ alert }) => alert))].sort()).toEqual([...ALERT_NAMES].sort());
});

test('groups go from availability to information', () => {
  expect(groups.map(({ name }) => name)).toEqual([
    'seqpulse.availability',
    'seqpulse.saturation',
    'seqpulse.errors-and-latency',
    'seqpulse.capacity',
    'seqpulse.information',
  ]);
});

describe.each(titled)('$title', ({ alert, expr, labels, annotations }) => {
  test('has one first word with the others, an urgency, a static sentence, a templated text and both links', () => {
    expect(alert).toMatch(/^SeqPulse([A-Z][a-z]+)+$/);
    expect(['critical', 'warning', 'info']).toContain(labels.severity);
    expect(annotations.summary).toMatch(/^[A-Z][^{]+\.$/);
    // Where nothing is left that could say more, there is nothing to fill in.
    if (labels.scope !== 'installation') expect(annotations.description).toContain('{{');
    expect(annotations.runbook_url).toBe(runbookUrl(alert));
    expect(annotations.dashboard_url.replace(/&var-environment=.*/, '')).toBe(dashboardUrl(alert));
  });

  test('formats its value', () => {
    for (const [, template = ''] of annotations.description.matchAll(/{{(.*?)}}/g)) {
      if (template.includes('$value')) expect(template).toMatch(/humanize\w+|printf/);
    }
  });

  test('averages no gauge over time, which together with `for` would wait twice', () => {
    expect(expr).not.toContain('avg_over_time');
  });
});

describe.each([
  ...titled.map(({ title, expr }) => ({ title, expr })),
  ...recorded.map(({ record, expr }) => ({ title: record, expr })),
])('the expression of $title', ({ title, expr }) => {
  const tree = parser.parse(expr);

  test('keeps environments apart in every aggregation', () => {
    for (const aggregate of nodes(tree.topNode, 'AggregateExpr')) {
      const labels = aggregate.getChild('AggregateModifier')?.getChild('GroupingLabels');
      const kept = labels == null ? [] : nodes(labels, 'LabelName').map((label) => text(label, expr));
      // Where nothing is left that could say which environment, there is only one.
      if (!title.includes('installation')) expect(kept, text(aggregate, expr)).toContain('environment');
    }
  });

  test('uses only metrics and labels that the catalogue or a recording rule knows', () => {
    for (const selector of nodes(tree.topNode, 'VectorSelector')) {
      const name = text(selector.getChild('Identifier') ?? selector, expr);
      const metric = allMetrics.find(
        (known) => name.replace(/_(bucket|count|sum)$/, '') === known.name || name === known.name,
      );
      if (metric === undefined) expect([...recorded.map(({ record }) => record), 'up', 'vector']).toContain(name);
      for (const matcher of nodes(selector, 'UnquotedLabelMatcher')) {
        const label = text(matcher.getChild('LabelName') ?? matcher, expr);
        if (label !== 'job') expect(metric?.labels.map((known) => known.name)).toContain(label);
      }
    }
  });

  test('looks at counters through rate or increase alone', () => {
    for (const selector of nodes(tree.topNode, 'VectorSelector')) {
      const name = text(selector.getChild('Identifier') ?? selector, expr);
      if (!/_(total|bucket|count)$/.test(name)) continue;
      const call = ancestor(selector, 'FunctionCall');
      expect(call === null ? '' : text(call, expr)).toMatch(/^(rate|increase)\(/);
    }
  });
});

test('the limits of p95 lie on edges of the buckets, or interpolation would decide', () => {
  const edges: readonly number[] = catalog.httpRequestDuration.buckets;
  const { warning, critical } = LIMITS.httpLatencyP95;
  expect(edges).toContain(warning.seconds);
  expect(edges).toContain(critical.seconds);
  expect(Math.max(...edges)).toBeGreaterThan(critical.seconds);
});

test('burn rates become the error ratios of a 99.5 % objective', () => {
  expect(BURN_RATES.map(({ burnRate }) => burnRateRatio(burnRate))).toEqual([0.072, 0.03, 0.015, 0.005]);
});

test('two rules of one alert differ in their labels, or one would hide the other', () => {
  const identities = alerts.map(({ alert, labels }) => JSON.stringify([alert, labels]));
  expect(new Set(identities).size).toBe(alerts.length);
});

test('panels that alerts link to have ids and titles of their own', () => {
  const panels = Object.values(OPERATIONS_PANELS);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
});

test('prometheus.yml scrapes as often as the dashboards believe', () => {
  const config = parse(readFileSync(join(PROMETHEUS_FOLDER, 'prometheus.yml'), 'utf8'));
  expect(config.global.scrape_interval).toBe(SCRAPE_INTERVAL);
});

function nodes(root: SyntaxNode, name: string): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  root.cursor().iterate((node) => {
    if (node.from >= root.from && node.to <= root.to && node.name === name) found.push(node.node);
  });
  return found;
}

function ancestor(node: SyntaxNode, name: string): SyntaxNode | null {
  for (let parent = node.parent; parent !== null; parent = parent.parent) if (parent.name === name) return parent;
  return null;
}

function text({ from, to }: SyntaxNode, expr: string): string {
  return expr.slice(from, to);
}
