import { SHARED_TAG } from '../kit/dashboard.ts';
import { POSTGRESQL, PROMETHEUS } from '../kit/datasources.ts';
import { type DashboardFile, type DatasourceFile, drawnPanels, type LinkFile } from './dashboard-file.ts';

const FIXED_UIDS: Readonly<Record<string, string>> = {
  [PROMETHEUS.type]: PROMETHEUS.uid,
  [POSTGRESQL.type]: POSTGRESQL.uid,
};
const ON_TIME_RANGE_CHANGE = 2;

/** Panels, targets, annotations and variables name a provisioned uid or a datasource variable of the dashboard. */
export function datasourcesResolve(dashboard: DashboardFile): string[] {
  const variables = (dashboard.templating?.list ?? []).filter(({ type }) => type === 'datasource');
  const names = variables.map(({ name }) => `$${name}`);
  const check = (place: string, ref: DatasourceFile | undefined): string[] => {
    const known = names.includes(ref?.uid ?? '') || (ref?.uid !== undefined && FIXED_UIDS[ref.type ?? ''] === ref.uid);
    return known ? [] : [`${place}: datasource ${ref?.type} ${ref?.uid}`];
  };
  return [
    ...drawnPanels(dashboard).flatMap(({ title, datasource, targets = [] }) => [
      ...check(`panel ${title}`, datasource),
      ...targets.flatMap((target) => check(`panel ${title} ${target.refId}`, target.datasource)),
    ]),
    ...(dashboard.annotations?.list ?? []).flatMap(({ name, datasource }) => check(`annotation ${name}`, datasource)),
    ...(dashboard.templating?.list ?? [])
      .filter(({ type }) => type === 'query')
      .flatMap(({ name, datasource }) => check(`variable ${name}`, datasource)),
  ];
}

/** Query variables follow the time range, are sorted, and their All is a value, not a list of everything. */
export function variablesAreUsable(dashboard: DashboardFile): string[] {
  return (dashboard.templating?.list ?? [])
    .filter(({ type }) => type === 'query')
    .flatMap(({ name, refresh, sort, includeAll, allValue }) => [
      ...(refresh === ON_TIME_RANGE_CHANGE ? [] : [`variable ${name}: does not follow the time range`]),
      ...((sort ?? 0) > 0 ? [] : [`variable ${name}: not sorted`]),
      ...(includeAll === true && allValue ? [] : [`variable ${name}: no All, or All without a value`]),
    ]);
}

/**
 * Links of table cells begin with the address of SeqPulse, in a variable of the dashboard that is taken as it is (encoded, its
 * slashes would be lost), and take from the cell nothing but its value.
 */
export function cellLinksResolve(dashboard: DashboardFile): string[] {
  const names = (dashboard.templating?.list ?? []).map(({ name }) => name);
  return drawnPanels(dashboard).flatMap(({ title, fieldConfig }) =>
    (fieldConfig?.overrides ?? [])
      .flatMap(({ properties = [] }) => properties.filter(({ id }) => id === 'links'))
      .flatMap(({ value }) => (value as readonly LinkFile[]).map(({ url = '' }) => url))
      .filter((url) => {
        const [, name] = /^\$\{(\w+):raw\}\/[\w/-]*\$\{__value\.raw\}$/.exec(url) ?? [];
        return name === undefined || !names.includes(name);
      })
      .map((url) => `panel ${title}: cell link ${url}`),
  );
}

/**
 * Links lead somewhere: to the sister dashboards, with time and variables; each panel to its section of the page on
 * panels and to runbooks. `isReachable` knows which addresses exist.
 */
export function linksLead(dashboard: DashboardFile, isReachable: (url: string) => boolean): string[] {
  const sisters = (dashboard.links ?? []).some(
    ({ type, tags, keepTime, includeVars }) =>
      type === 'dashboards' && tags?.includes(SHARED_TAG) === true && keepTime === true && includeVars === true,
  );
  const tagged = dashboard.tags?.includes(SHARED_TAG) === true;
  return [
    ...(sisters && tagged ? [] : ['no link to the sister dashboards']),
    ...drawnPanels(dashboard).flatMap(({ title, description = '', links = [] }) => {
      const inText = [...description.matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] ?? '');
      const urls = new Set([...links.map(({ url }) => url ?? ''), ...inText]);
      const dead = [...urls].filter((url) => !isReachable(url)).map((url) => `panel ${title}: dead link ${url}`);
      return inText.length === 0 ? [...dead, `panel ${title}: no link to its section`] : dead;
    }),
  ];
}
