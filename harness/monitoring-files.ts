import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));
export const DOCS_FOLDER = join(REPOSITORY, 'docs');
const PROMETHEUS_FOLDER = join(REPOSITORY, 'prometheus');
const ALERTMANAGER_FOLDER = join(REPOSITORY, 'alertmanager');

/**
 * How much faster than in production. The files stay the repository's own in all else: names, selectors, thresholds,
 * labels, order, routes.
 */
export interface Acceleration {
  /** Of scrapes and evaluations. */
  readonly intervals: number;
  /** Of `[5m]` and `offset 40m`. A window must still hold two scrapes. */
  readonly windows: number;
  /** Of `for:`. */
  readonly holds: number;
  /** Of Alertmanager's group_wait, group_interval and repeat_interval. */
  readonly notifications: number;
}

export interface TargetGroup {
  /** host:port */
  readonly targets: readonly string[];
  readonly environment: string;
}

/** Prometheus' files in `folder`, as they are: paths in them are relative to prometheus.yml. */
export function linkPrometheusFiles(folder: string): void {
  mkdirSync(join(folder, 'targets'), { recursive: true });
  for (const name of ['prometheus.yml', 'rules']) symlinkSync(join(PROMETHEUS_FOLDER, name), join(folder, name));
}

/** Copies of Prometheus' files in `folder`, for a test that cannot wait for minutes. */
export function acceleratePrometheusFiles(folder: string, faster: Acceleration): void {
  for (const name of ['targets', 'rules']) mkdirSync(join(folder, name), { recursive: true });
  const config = readFileSync(join(PROMETHEUS_FOLDER, 'prometheus.yml'), 'utf8');
  writeFileSync(
    join(folder, 'prometheus.yml'),
    config.replaceAll(
      /^( +(?:scrape|evaluation)_interval: )(\w+)$/gm,
      (_, key, duration) => key + divide(duration, faster.intervals),
    ),
  );
  for (const name of readdirSync(join(PROMETHEUS_FOLDER, 'rules'))) {
    const file = parse(readFileSync(join(PROMETHEUS_FOLDER, 'rules', name), 'utf8'));
    for (const rule of file.groups.flatMap((group: { rules: unknown[] }) => group.rules)) {
      rule.expr = rule.expr.replaceAll(
        /(\[|offset )(\d+[smhd])/g,
        (_: string, before: string, duration: string) => before + divide(duration, faster.windows),
      );
      if (rule.for !== undefined) rule.for = divide(rule.for, faster.holds);
    }
    writeFileSync(join(folder, 'rules', name), stringify(file));
  }
}

/** Copies of Alertmanager's files in `folder`; start.sh is the repository's own. */
export function accelerateAlertmanagerFiles(folder: string, faster: Acceleration): void {
  const config = readFileSync(join(ALERTMANAGER_FOLDER, 'alertmanager.yml'), 'utf8');
  writeFileSync(
    join(folder, 'alertmanager.yml'),
    config.replaceAll(
      /^( +(?:group_wait|group_interval|repeat_interval): )(\w+)$/gm,
      (_, key, duration) => key + divide(duration, faster.notifications),
    ),
  );
  symlinkSync(join(ALERTMANAGER_FOLDER, 'start.sh'), join(folder, 'start.sh'));
}

/** Says who is scraped; Prometheus reads the file again when it changes. */
export function writeServiceTargets(folder: string, groups: readonly TargetGroup[]): void {
  const content = groups.map(({ targets, environment }) => ({ targets, labels: { environment } }));
  writeTargets(folder, 'seqpulse.yml', content);
}

/** Says which Collector is scraped in the services' stead. */
export function writeCollectorTargets(folder: string, groups: readonly TargetGroup[]): void {
  const content = groups.map(({ targets, environment }) => ({ targets, labels: { environment } }));
  writeTargets(folder, 'collector.yml', content);
}

/** Says where alerts go. */
export function writeAlertmanagerTarget(folder: string, address: string): void {
  writeTargets(folder, 'alertmanager.yml', [{ targets: [address] }]);
}

/** In one step, so that Prometheus never reads half of it. */
function writeTargets(folder: string, name: string, content: unknown): void {
  const path = join(folder, 'targets', name);
  writeFileSync(`${path}.new`, stringify(content));
  renameSync(`${path}.new`, path);
}

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `5m` ÷ 100 → `3000ms`. Never 0, which would be another meaning. */
function divide(duration: string, divisor: number): string {
  const [, number, unit] = /^(\d+)([smhd])$/.exec(duration) ?? [];
  if (number === undefined || unit === undefined) throw new Error(`not a duration: ${duration}`);
  if (number === '0') return duration;
  return `${Math.max(1, Math.round((Number(number) * UNIT_MS[unit as keyof typeof UNIT_MS]) / divisor))}ms`;
}
