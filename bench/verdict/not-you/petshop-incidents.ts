import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sample } from '../../../src/verdict/types.ts';
import { type Incident, numberIn, type Parts, partOf, sampleOf, type Windows } from './incident.ts';

const SCENARIOS: readonly { readonly folder: string; readonly parts: Parts }[] = [
  { folder: 'high_traffic', parts: 'open' },
  { folder: 'low_traffic', parts: 'both' },
  { folder: 'temporal_traffic1', parts: 'both' },
  { folder: 'temporal_traffic2', parts: 'both' },
];
const MINUTE_MS = 60_000;
const NATIVE_SECONDS = 300;
const BEFORE = 15;
/**
 * What somebody deploys, and its table. The other nodes are the same calls seen from their clients and entrances; the invalid
 * table is what one of the faults asks for.
 */
const SERVICE = /^PetSite$|AWS::ECS::|AWS::Lambda::Function$|^petInfo_AWS::DynamoDB::Table$/;
/** Requests in five minutes, in the median, that a node needs to be one. */
const MIN_REQUESTS = 15;

interface Issue {
  readonly name: string;
  readonly guilty: string;
  readonly atSeconds: number;
  readonly nodes: ReadonlyMap<string, readonly Row[]>;
}
interface Row {
  readonly atSeconds: number;
  readonly sample: Omit<Sample, 'collectedAtMs'>;
}

/**
 * Faults that were put on PetShop, half an hour apart, five minutes a sample that stand for one. Each brings what was before it;
 * that of all earlier ones of its scenario together is the baseline.
 */
export function petshopIncidents(root: string): Incident[] {
  return SCENARIOS.flatMap(({ folder, parts }) => {
    const issues = issuesOf(join(root, 'dataset', folder));
    return issues.map((issue, at): Incident => {
      const services = new Map<string, Windows>();
      for (const [node, rows] of issue.nodes) {
        const before = issues.slice(0, at + 1).flatMap((earlier) => quietOf(earlier, node));
        const pre = before.slice(-BEFORE);
        const post = rows.filter((row) => row.atSeconds + NATIVE_SECONDS > issue.atSeconds);
        services.set(node, {
          pre: pre.map((row, i) => ({ ...row.sample, collectedAtMs: (i - pre.length) * MINUTE_MS })),
          post: post.map((row, i) => ({ ...row.sample, collectedAtMs: (i + 1) * MINUTE_MS })),
        });
      }
      return {
        system: 'PetShop',
        part: partOf(parts, at),
        name: `${folder} ${issue.name}`,
        guilty: issue.guilty,
        services,
      };
    });
  });
}

const quietOf = ({ atSeconds, nodes }: Issue, node: string) =>
  (nodes.get(node) ?? []).filter((row) => row.atSeconds + NATIVE_SECONDS <= atSeconds);

function issuesOf(folder: string): Issue[] {
  return ['train', 'test']
    .flatMap((half) => readdirSync(join(folder, half)).map((issue) => join(folder, half, issue)))
    .map((path): Issue => {
      const { target, root_cause } = JSON.parse(readFileSync(join(path, 'target.json'), 'utf8'));
      const name = `${target.metric} ${root_cause.node}`;
      return { name, guilty: root_cause.node, atSeconds: target.timestamp, nodes: nodesOf(join(path, 'metrics.csv')) };
    })
    .sort((a, b) => a.atSeconds - b.atSeconds);
}

function nodesOf(path: string): Map<string, Row[]> {
  const [nodes = [], metrics = [], statistics = [], , ...lines] = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(','));
  const found = new Map<string, Row[]>();
  for (const node of new Set(nodes.slice(1))) {
    if (!SERVICE.test(node)) continue;
    const columnOf = (metric: string, statistic: string) =>
      nodes.findIndex((name, i) => name === node && metrics[i] === metric && statistics[i] === statistic);
    const [requests, p95, availability] = [
      columnOf('requests', 'Sum'),
      columnOf('latency', 'p95'),
      columnOf('availability', 'Average'),
    ];
    const rows = lines.map((cells): Row => {
      const count = numberIn(cells[requests]) ?? 0;
      const seconds = numberIn(cells[p95]);
      const percent = numberIn(cells[availability]);
      const { collectedAtMs: _, ...sample } = sampleOf(
        {
          requests_per_sec: count / NATIVE_SECONDS,
          latency_p95: count === 0 || seconds === null ? null : seconds * 1000,
          error_rate: count === 0 || percent === null ? null : Math.max(0, 1 - percent / 100),
        },
        0,
      );
      return { atSeconds: Number(cells[0]), sample };
    });
    const counts = rows.map(({ sample }) => (sample.requests_per_sec ?? 0) * NATIVE_SECONDS).sort((a, b) => a - b);
    if ((counts[Math.floor(counts.length / 2)] ?? 0) >= MIN_REQUESTS) found.set(node, rows);
  }
  return found;
}
