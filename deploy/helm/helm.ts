import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const CHART = fileURLToPath(new URL('seqpulse', import.meta.url));
const CACHE = fileURLToPath(new URL('../../.cache/kubernetes', import.meta.url));

/** A program on PATH, or as `.ci/run` builds it into .cache/kubernetes; null: neither. */
export function kubernetesProgram(name: 'helm' | 'kustomize'): string | null {
  if (existsSync(`${CACHE}/${name}`)) return `${CACHE}/${name}`;
  return spawnSync(name, ['version'], { stdio: 'ignore' }).status === 0 ? name : null;
}

/** What the chart is for these values (paths as `--set-json` takes them), as YAML documents. Throws what helm says. */
export function renderChart(
  helm: string,
  values: Readonly<Record<string, unknown>> = {},
  ...flags: readonly string[]
): string {
  const sets = Object.entries(values).flatMap(([path, value]) => ['--set-json', `${path}=${JSON.stringify(value)}`]);
  return execFileSync(helm, ['template', 'seqpulse', CHART, '--namespace', 'seqpulse', ...sets, ...flags], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
}
