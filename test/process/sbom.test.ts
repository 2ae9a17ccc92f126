import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Locked {
  readonly version: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
}

test('the SBOM names every package that runs, once, with its licence, and no other', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/sbom.ts'], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  const { metadata, components } = JSON.parse(stdout) as {
    metadata: { component: { name: string; version: string; type: string } };
    components: { name: string; version: string; licenses?: unknown[] }[];
  };
  const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(metadata.component).toMatchObject({ name, version, type: 'application' });
  const locked = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages as Record<string, Locked>;
  const running = Object.entries(locked)
    .filter(([path, { dev, optional, devOptional }]) => path !== '' && !(dev ?? optional ?? devOptional ?? false))
    .map(([path, one]) => `${path.replace(/^.*node_modules\//, '')} ${one.version}`);
  expect(running.length).toBeGreaterThan(100);
  expect(components.map((one) => `${one.name} ${one.version}`).toSorted()).toEqual([...new Set(running)].toSorted());
  expect(components.filter(({ licenses = [] }) => licenses.length === 0).map((one) => one.name)).toEqual([]);
});
