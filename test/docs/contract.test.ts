import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CONTRACT_PANELS } from '../../harness/contract-panels.ts';
import { ERRORS } from '../../src/http/problems.ts';
import { signatureHeaders } from '../../src/sources/pull/signature.ts';
import { METRICS, VERDICTS } from '../../src/verdict/types.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(ROOT, 'docs/contract.md'), 'utf8');
const section = (heading: string) => page.split(`\n## ${heading}\n`)[1]?.split(/^## /m)[0] ?? '';
const cells = (text: string) =>
  [...text.matchAll(/^\| `?([^|`]+)`? \| ([^|]+) \|(?: ([^|]+) \|)?$/gm)].map(([, ...columns]) => columns);

test('the page lists every error with its status, and whether to try again', () => {
  const listed = cells(section('Errors')).filter(([code]) => code !== 'code');
  const known = Object.entries(ERRORS).map(([code, { status, retryable }]) => [
    code,
    String(status),
    retryable ? 'yes' : 'no',
  ]);
  expect(listed).toEqual(known);
});

test('the page lists every header of a signed request', () => {
  const hmac = { secret: 'spm_0', projectId: 'p' };
  const sent = signatureHeaders({ hmac, url: new URL('http://app.example/metrics'), nowMs: 0, nonce: 'n' });
  const listed = cells(section('Signed requests, HMAC v2')).filter(([name]) => name?.startsWith('X-'));
  expect(listed.map(([name]) => name)).toEqual(Object.keys(sent));
});

test('the page names the five numbers, the verdicts and how many panels are a contract', () => {
  for (const name of METRICS) expect(section('What an observed application serves')).toContain(`\`${name}\``);
  for (const name of VERDICTS) expect(section('The life of a deployment')).toContain(`\`${name}\``);
  expect(Object.keys(CONTRACT_PANELS)).toHaveLength(6);
  expect(section('Metrics')).toContain('six panels');
});

/** Spelt apart, or this file would find itself. */
const ELSEWHERE = new RegExp(['product contract', 'product\\.md', 'wire contract,', 'contract §'].join('|'), 'i');

test('comments cite headings of this page, and no document that is not here', () => {
  const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  const cited: string[] = [];
  for (const folder of ['src', 'otel', 'client', 'grafana', 'prometheus', 'collector', 'demo', 'bench']) {
    for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(ts|sql|js|yml|yaml)$/.test(name)) continue;
      const text = readFileSync(join(ROOT, folder, name), 'utf8');
      expect(text, name).not.toMatch(ELSEWHERE);
      for (const [, heading = ''] of text.matchAll(/docs\/contract\.md, ([A-Z][\w ,]*?)(?=[).:;]|$)/gm))
        cited.push(heading);
    }
  }
  expect(cited.length).toBeGreaterThanOrEqual(7);
  expect(cited.filter((heading) => !headings.includes(heading))).toEqual([]);
});
