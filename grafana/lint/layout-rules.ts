import * as units from '@grafana/grafana-foundation-sdk/units';
import { type DashboardFile, drawnPanels, type PanelFile, type ThresholdsFile } from './dashboard-file.ts';

const KNOWN_UNITS: ReadonlySet<unknown> = new Set(Object.values(units));
const COLUMNS = 24;
/** Low to high: for what is bad when high, for what is bad when low, or one limit alone. */
const TRAFFIC_LIGHTS = ['green,orange,red', 'red,orange,green', 'green,orange', 'green,red'];

/** uid, title, description, tags, refresh; nothing that only the import dialogue would resolve. */
export function dashboardIsDescribed(dashboard: DashboardFile): string[] {
  const faults: string[] = [];
  if (!/^[a-z][a-z0-9-]{2,39}$/.test(dashboard.uid ?? '')) faults.push('uid: wanted a readable one of at most 40');
  if (!dashboard.title) faults.push('title is missing');
  if (!dashboard.description) faults.push('description is missing');
  if ((dashboard.tags ?? []).length === 0) faults.push('tags are missing');
  if (!dashboard.refresh) faults.push('refresh is missing');
  if (dashboard.__inputs !== undefined) faults.push('__inputs: file provisioning never resolves them');
  if (/\$\{DS_/.test(JSON.stringify(dashboard))) faults.push('a name of __inputs stands for a datasource');
  return faults;
}

/** Panels have ids and titles of their own, a description, a known unit and a target with a refId. */
export function panelsAreComplete(dashboard: DashboardFile): string[] {
  const panels = drawnPanels(dashboard);
  const ids = (dashboard.panels ?? []).map(({ id }) => id);
  const titles = panels.map(({ title }) => title);
  return [
    ...repeated(ids).map((id) => `panel id ${id} is used twice`),
    ...repeated(titles).map((title) => `panel title ${title} is used twice`),
    ...(ids.includes(undefined) ? ['a panel has no id'] : []),
    ...panels.flatMap((panel) => panelFaults(panel).map((fault) => `panel ${panel.title}: ${fault}`)),
  ];
}

function panelFaults({ title, description, targets, fieldConfig }: PanelFile): string[] {
  const faults: string[] = [];
  const refIds = (targets ?? []).map(({ refId }) => refId);
  const unit = fieldConfig?.defaults?.unit;
  if (!title) faults.push('no title');
  if (!description) faults.push('no description');
  if (unit === undefined || !KNOWN_UNITS.has(unit)) faults.push(`unit ${unit} is not one of Grafana’s`);
  if (refIds.length === 0) faults.push('no target');
  if (refIds.includes(undefined)) faults.push('a target has no refId');
  for (const refId of repeated(refIds)) faults.push(`refId ${refId} is used twice`);
  for (const value of overrideValues(fieldConfig?.overrides ?? [], 'unit')) {
    if (!KNOWN_UNITS.has(value)) faults.push(`unit ${String(value)} of an override is not one of Grafana’s`);
  }
  return faults;
}

/**
 * Thresholds are absolute, ascend, and go green, orange, red or back. A stat coloured by thresholds has its own: Grafana's
 * default ones are red from 80 on.
 */
export function thresholdsAreTrafficLights(dashboard: DashboardFile): string[] {
  return drawnPanels(dashboard).flatMap(({ title, type, fieldConfig }) => {
    const own = fieldConfig?.defaults?.thresholds;
    const all = [
      ...(own === undefined ? [] : [own]),
      ...(overrideValues(fieldConfig?.overrides ?? [], 'thresholds') as ThresholdsFile[]),
    ];
    const missing = type === 'stat' && own === undefined && fieldConfig?.defaults?.color?.mode !== 'fixed';
    const faults = [
      ...(missing ? ['a stat without thresholds or a fixed colour'] : []),
      ...all.flatMap(thresholdFaults),
    ];
    return faults.map((fault) => `panel ${title}: ${fault}`);
  });
}

function thresholdFaults({ mode, steps = [] }: ThresholdsFile): string[] {
  const faults: string[] = [];
  const [first, ...rest] = steps.map(({ value }) => value);
  const colours = steps.map(({ color }) => color).join(',');
  if (mode !== 'absolute') faults.push(`thresholds.mode ${mode}`);
  if (first !== null) faults.push('the first threshold must have the value null');
  if (rest.some((value, index) => value === null || value <= (rest[index - 1] ?? Number.NEGATIVE_INFINITY))) {
    faults.push('thresholds do not ascend');
  }
  if (!TRAFFIC_LIGHTS.includes(colours)) faults.push(`threshold colours ${colours}`);
  return faults;
}

/** Everything lies within the 24 columns, and nothing on anything else. */
export function gridHasNoOverlap(dashboard: DashboardFile): string[] {
  const faults: string[] = [];
  const taken = new Map<string, string>();
  for (const { title = '', gridPos } of dashboard.panels ?? []) {
    if (gridPos === undefined) {
      faults.push(`panel ${title}: no gridPos`);
      continue;
    }
    if (gridPos.x < 0 || gridPos.x + gridPos.w > COLUMNS) faults.push(`panel ${title}: outside the ${COLUMNS} columns`);
    const others = new Set<string>();
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        const other = taken.get(`${x}/${y}`);
        if (other !== undefined) others.add(other);
        taken.set(`${x}/${y}`, title);
      }
    }
    for (const other of others) faults.push(`panel ${title} overlaps ${other}`);
  }
  return faults;
}

function overrideValues(overrides: readonly { properties?: readonly { id: string; value?: unknown }[] }[], id: string) {
  return overrides
    .flatMap(({ properties = [] }) => properties.filter((property) => property.id === id))
    .map(({ value }) => value);
}

function repeated<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values.filter((value, index) => value !== undefined && values.indexOf(value) !== index))];
}
