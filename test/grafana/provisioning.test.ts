import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { POSTGRESQL, PROMETHEUS } from '../../grafana/kit/datasources.ts';
import { SCRAPE_INTERVAL } from '../../prometheus/limits.ts';

const root = new URL('../../', import.meta.url);
const text = (path: string) => readFileSync(new URL(path, root), 'utf8');
const provisioned = parse(text('grafana/provisioning/datasources/seqpulse.yaml'));

test('the datasources have the uids and plugin ids that the dashboards name', () => {
  const named = provisioned.datasources.map(({ type, uid }: Record<string, string>) => ({ type, uid }));
  expect(named).toEqual([PROMETHEUS, POSTGRESQL]);
});

test('Grafana knows the scrape interval, for $__rate_interval follows from it', () => {
  expect(provisioned.datasources[0].jsonData.timeInterval).toBe(SCRAPE_INTERVAL);
});

test('the password is a secret field, and every setting is explained', () => {
  expect(provisioned.datasources[1].secureJsonData.password).toBe('$GRAFANA_SQL_PASSWORD');
  const settings = [...text('grafana/provisioning/datasources/seqpulse.yaml').matchAll(/: \$(\w+)$/gm)];
  const names = [...new Set(settings.map((match) => match[1]))].sort();
  expect(names).toEqual([
    'GRAFANA_PROMETHEUS_IS_DEFAULT',
    'GRAFANA_PROMETHEUS_URL',
    'GRAFANA_SQL_DATABASE',
    'GRAFANA_SQL_HOST',
    'GRAFANA_SQL_PASSWORD',
    'GRAFANA_SQL_SSLMODE',
    'GRAFANA_SQL_USER',
  ]);
  for (const name of names) expect(text('docs/grafana.md')).toContain(`| \`${name}\` |`);
});

test('whether its Prometheus is the default is for the installation to say: two defaults stop Grafana', () => {
  expect(provisioned.datasources[0].isDefault).toBe('$GRAFANA_PROMETHEUS_IS_DEFAULT');
  expect(provisioned.datasources[1]).not.toHaveProperty('isDefault');
});

test('the dashboards come from files, into the folder SEQPULSE, and can’t be changed in Grafana', () => {
  const { providers } = parse(text('grafana/provisioning/dashboards/seqpulse.yaml'));
  expect(providers).toHaveLength(1);
  expect(providers[0]).toMatchObject({ folder: 'SEQPULSE', type: 'file', allowUiUpdates: false });
  expect(providers[0].options.path).toBe('/etc/grafana/dashboards');
});

test('no setting stands in braces: Grafana would read its value a second time, and eat a $ of a password', () => {
  expect(JSON.stringify(provisioned)).not.toMatch(/\$\{/);
});
