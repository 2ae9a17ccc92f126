import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NewProject } from '../../harness/api.ts';
import { openStage, type Stage } from '../support/stage.ts';

let stage: Stage;
let project: NewProject;
beforeAll(async () => {
  stage = await openStage();
  project = await stage.api.newProject({ name: 'old', endpoint: stage.app.url });
});
afterAll(async () => await stage[Symbol.asyncDispose]());

const FINDING = {
  metric: 'latency_p95',
  baseline: 182,
  observed: 604,
  unit: 'ms',
  severity: 'critical',
  reason: 'slow',
};
const EVIDENCE = {
  rule: 'level_shift',
  change: 422,
  interval: { low: 300, high: 500 },
  limit: 50,
  threshold: 232,
  samplesBeyond: 5,
  strength: 8,
  samplesBefore: 15,
  samplesAfter: 5,
  notJudged: null,
};
const LEFT_OUT = [{ phase: 'pre', reason: 'late', count: 1, text: 'came late' }];

/** As versions before this one stored them, and as nobody ever should. */
const STORED: readonly [string, { details: unknown; leftOut?: unknown; trust?: unknown }, object][] = [
  [
    'before there was evidence',
    { details: [FINDING] },
    { rule: null, change: null, not_judged: 'its evidence was not kept' },
  ],
  [
    'with evidence',
    { details: [{ ...FINDING, evidence: EVIDENCE }] },
    { rule: 'level_shift', samples_without_requests: 0 },
  ],
  [
    'with samples that hold no request',
    { details: [{ ...FINDING, evidence: { ...EVIDENCE, samplesWithoutRequests: 2 } }], leftOut: LEFT_OUT },
    { interval: [300, 500], samples_without_requests: 2 },
  ],
  [
    'without an interval',
    { details: [{ ...FINDING, evidence: { ...EVIDENCE, interval: undefined } }] },
    { interval: null, change: 422 },
  ],
  ['with evidence that is none', { details: [{ ...FINDING, evidence: 'x' }] }, { rule: null }],
];

async function insert(
  number: number,
  stored: { details: unknown; leftOut?: unknown; trust?: unknown },
): Promise<string> {
  const id = randomUUID();
  await stage.database.query(
    `insert into seqpulse.deployments (id, project_id, env, number, state, metrics_endpoint, started_at,
       finish_deadline_at, pre_expected)
     values ($1, $2, 'prod', $3, 'analyzed', 'http://x.example', now(), now(), 5)`,
    [id, project.id, number],
  );
  const json = [stored.details, stored.leftOut ?? [], stored.trust ?? null].map((value) => JSON.stringify(value));
  await stage.database.query(
    `insert into seqpulse.verdicts (project_id, deployment_id, verdict, confidence, summary, details, left_out, trust, created_at)
     values ($5, $1, 'attention', 0.8, 'Slower.', $2, $3, $4, now())`,
    [id, ...json, project.id],
  );
  return id;
}

const read = async (id: string) => (await stage.api.deployment(project.apiKey, id)).body.verdict;

test.each(STORED)('a verdict stored %s reads as what it is', async (what, stored, evidence) => {
  const id = await insert(STORED.findIndex(([one]) => one === what) + 1, stored);
  const verdict = await read(id);
  expect(verdict).toMatchObject({ verdict: 'attention', summary: 'Slower.', trust: null, hints: [] });
  expect(verdict.left_out).toEqual(stored.leftOut ?? []);
  expect(verdict.details).toHaveLength(1);
  expect(verdict.details[0]).toMatchObject({ metric: 'latency_p95', baseline: 182, evidence });
});

test('rows that are malformed take no list down, and what can be read of them is', async () => {
  const odd: unknown[] = [[null, 1, 'x', {}, { metric: 'cpu_usage' }], {}, 'text', 0, null, [[FINDING]]];
  for (const [index, details] of odd.entries())
    await insert(100 + index, { details, leftOut: details, trust: details });
  const list = await stage.api.request('GET', '/deployments', { headers: { 'X-API-Key': project.apiKey } });
  expect(list.status).toBe(200);
  expect(list.body.items).toHaveLength(odd.length + STORED.length);
  const first = list.body.items.find(({ number }: { number: number }) => number === 100);
  expect(first.verdict.details).toMatchObject([{ metric: 'cpu_usage', baseline: null, severity: 'none' }]);
});
