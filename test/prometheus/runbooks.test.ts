import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOCS_FOLDER } from '../../harness/monitoring-files.ts';
import { allMetrics } from '../../otel/catalog/catalog.ts';
import { ALERT_NAMES } from '../../prometheus/alert-catalog.ts';
import { withRuleTable } from '../../prometheus/runbook-table.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const FOLDER = join(DOCS_FOLDER, 'runbooks');
const SECTIONS = ['Meaning', 'Impact', 'Diagnosis', 'Mitigation', 'When to stop and escalate'];
/** Enough for two sentences: a heading with a word under it would pass as "not empty". */
const MIN_SECTION_LENGTH = 80;

test('every alert has a page and every page an alert', () => {
  const pages = readdirSync(FOLDER).filter((name) => name !== 'README.md');
  expect(pages.sort()).toEqual(ALERT_NAMES.map((name) => `${name}.md`).sort());
});

test.each([...ALERT_NAMES.map((name) => `${name}.md`), 'README.md'])(
  'all relative links of %s lead somewhere',
  (name) => {
    const text = readFileSync(join(FOLDER, name), 'utf8');
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => link);
    for (const link of links) expect(existsSync(join(dirname(join(FOLDER, name)), link)), link).toBe(true);
  },
);

test('the start page leads to every runbook', () => {
  const text = readFileSync(join(FOLDER, 'README.md'), 'utf8');
  for (const name of ALERT_NAMES) expect(text).toContain(`(${name}.md)`);
});

describe.each(ALERT_NAMES)('the runbook of %s', (alert) => {
  const page = existsSync(join(FOLDER, `${alert}.md`)) ? readFileSync(join(FOLDER, `${alert}.md`), 'utf8') : '';
  const [title = '', ...sections] = page.split(/^## /m);

  test('is titled with its name and has all sections in order, none of them empty', () => {
    expect(title).toMatch(new RegExp(`^# ${alert}\n`));
    expect(sections.map((section) => section.split('\n')[0])).toEqual(SECTIONS);
    for (const section of sections) {
      const [heading = '', ...body] = section.split('\n');
      expect(body.join('\n').trim().length, heading).toBeGreaterThan(MIN_SECTION_LENGTH);
    }
  });

  test('says when it fires in the words of the rules', () => {
    expect(page).toBe(withRuleTable(page, alert));
  });

  test('diagnoses with commands to copy, each followed by what its output means', () => {
    const diagnosis = sections[SECTIONS.indexOf('Diagnosis')] ?? '';
    expect(diagnosis.match(/```sh/g)?.length ?? 0).toBeGreaterThanOrEqual(2);
  });

  test('asks Prometheus in valid PromQL about metrics that exist', () => {
    for (const [, expr = ''] of page.matchAll(/promtool query (?:instant|range)[^']* '([^'\n]+)'$/gm)) {
      parser.parse(expr).iterate({
        enter({ type, from, to }) {
          expect(type.isError, expr).toBe(false);
          if (type.name === 'Identifier') expect(isKnown(expr.slice(from, to)), expr).toBe(true);
        },
      });
    }
  });
});

describe('the SQL of the runbooks', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => await database[Symbol.asyncDispose]());

  const statements = ALERT_NAMES.flatMap((alert) => {
    const page = existsSync(join(FOLDER, `${alert}.md`)) ? readFileSync(join(FOLDER, `${alert}.md`), 'utf8') : '';
    return [...page.matchAll(/psql "\$DATABASE_URL" -c "([^"]+)"/g)].map(([, sql = '']) => ({ alert, sql }));
  });

  test.each(statements)('of $alert runs on the schema of today', async ({ sql }) => {
    await expect(database.query(sql)).resolves.toBeInstanceOf(Array);
  });
});

/** Of the catalogue, recorded by our rules, or Prometheus' own. */
function isKnown(name: string): boolean {
  return (
    allMetrics.some((metric) => name.replace(/_(bucket|count|sum)$/, '') === metric.name || name === metric.name) ||
    readFileSync(join(DOCS_FOLDER, '../prometheus/rules/seqpulse-recording.yml'), 'utf8').includes(
      `record: ${name}\n`,
    ) ||
    ['up', 'ALERTS'].includes(name)
  );
}
