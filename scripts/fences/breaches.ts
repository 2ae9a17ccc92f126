import { dirname, join, normalize } from 'node:path/posix';
import { readImports } from './imports.ts';
import type { Room } from './plan.ts';

/** Whose imports are looked at: path from the root → its text. */
export type Files = ReadonlyMap<string, string>;

/** Everything in `files` that the plan forbids, a sentence each, and every circle of imports. */
export function findBreaches(files: Files, plan: readonly Room[]): string[] {
  const breaches: string[] = [];
  const graph = new Map<string, string[]>();
  for (const [path, text] of files) {
    const room = roomOf(path, plan);
    const { imports, impurities } = readImports(path, text);
    const local: string[] = [];
    graph.set(path, local);
    for (const { specifier, line } of imports) {
      const to = specifier?.startsWith('.') ? normalize(join(dirname(path), specifier)) : null;
      if (to !== null) local.push(to);
      const fault = room === null ? faultOutside(to) : faultIn(room, specifier, to, plan);
      if (fault !== null) breaches.push(`${path}:${line}: ${fault}`);
    }
    if (room?.pure !== true) continue;
    for (const { what, line } of impurities) breaches.push(`${path}:${line}: ${room.folder} is pure: no ${what}`);
  }
  return [...breaches, ...circlesIn(graph)];
}

function roomOf(path: string, plan: readonly Room[]): Room | null {
  const fitting = plan.filter(({ folder }) => path === folder || path.startsWith(`${folder}/`));
  return fitting.sort((a, b) => b.folder.length - a.folder.length)[0] ?? null;
}

/** Outside of the plan (benchmarks, generators, the demo) one thing holds: nothing leans on the tests. */
function faultOutside(to: string | null): string | null {
  return to?.startsWith('test/') ? 'nothing but tests imports test/' : null;
}

function faultIn(room: Room, specifier: string | null, to: string | null, plan: readonly Room[]): string | null {
  if (specifier === null) return 'an import that is computed can’t be checked';
  if (to === null) {
    const known = room.packages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
    return known ? null : `${room.folder} may not import ${specifier}`;
  }
  if (to === 'package.json') return null;
  const there = roomOf(to, plan);
  if (there === null) return `${room.folder} may not import ${to}, which has no room`;
  if (there === room || room.rooms.includes(there.folder)) return null;
  return `${room.folder} may not import ${there.folder} (${to})`;
}

/** Tarjan's strongly connected components: each of more than one file is a circle. */
function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[] = [];
  const visit = (path: string): void => {
    order.set(path, order.size);
    low.set(path, order.size - 1);
    stack.push(path);
    for (const next of graph.get(path) ?? []) {
      if (!graph.has(next)) continue;
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) low.set(path, Math.min(low.get(path) ?? 0, low.get(next) ?? 0));
    }
    if (low.get(path) !== order.get(path)) return;
    const members = stack.splice(stack.indexOf(path));
    const itself = members.length === 1 && graph.get(path)?.includes(path);
    if (members.length > 1 || itself) circles.push(`a circle of imports: ${members.sort().join(', ')}`);
  };
  for (const path of graph.keys()) if (!order.has(path)) visit(path);
  return circles;
}
