import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { reportOf } from '../../src/report/report.ts';
import { svgOf } from '../../src/report/svg.ts';
import type { ReportedDeployment } from '../../src/report/wire.ts';
import { type Levels, madeDeployment, NOW_MS, STEADY, WORSE } from '../report/support.ts';
import { useBrowser } from './browser.ts';

const browser = useBrowser();
let page: Page;
const dialogs: string[] = [];
beforeAll(async () => {
  ({ page } = await browser.look());
  page.on('dialog', async (dialog) => {
    dialogs.push(dialog.message());
    await dialog.dismiss();
  });
});

/** What must never end a text, an attribute or the document, and what XML 1.0 does not allow at all. */
const NAMES: readonly string[] = [
  '</text><script>alert(1)</script>',
  '</title></svg><svg onload="alert(1)">',
  '"/><image href="https://evil.example/x" onerror="alert(1)"/>',
  "' onload='alert(1)",
  ']]><!-- --><![CDATA[',
  '<?xml-stylesheet href="https://evil.example"?><!DOCTYPE x [<!ENTITY y "z">]>&y;&nbsp;&',
  'a\u0000b\u0008c\u001bd\u007fe\u0085f\ufffe\uffff',
  'lone \ud83d and \ude80, pair 🚀',
  '\u202egnp.exe\u2066\u2028\u2029',
  'ا'.repeat(255),
  '🚀'.repeat(255),
];

function pictureOf(levels: Levels, more: Partial<ReportedDeployment>, after = 5): string {
  const { deployment, samples } = madeDeployment(levels, { after, more });
  return svgOf(reportOf(deployment, NOW_MS, samples));
}

interface Parsed {
  readonly fault: string | null;
  readonly root: string;
  readonly elements: readonly string[];
  readonly dangerous: readonly string[];
  readonly text: string;
}

/** As an XML parser reads it: its fault, its root, what could run or fetch, and its text. */
async function parsed(svg: string): Promise<Parsed> {
  return await page.evaluate(`(() => {
    const { documentElement: root } = new DOMParser().parseFromString(${JSON.stringify(svg)}, 'image/svg+xml');
    const elements = [root, ...root.querySelectorAll('*')];
    return {
      fault: root.ownerDocument.querySelector('parsererror')?.textContent ?? null,
      root: root.nodeName,
      elements: [...new Set(elements.map(({ nodeName }) => nodeName))].sort(),
      dangerous: elements.flatMap((element) =>
        [...element.attributes].map(({ name }) => name).filter((name) => /^on|href|^style$|^src$/.test(name)),
      ),
      text: root.textContent ?? '',
    };
  })()`);
}

const DRAWN = ['circle', 'g', 'path', 'rect', 'svg', 'text', 'title'];

test.each(NAMES)('the picture is well-formed and holds drawings and texts alone: %j', async (name) => {
  const hostile = { project: name, env: name, version: name, commit_sha: name, branch: name, actor: name };
  const svg = pictureOf(WORSE, hostile);
  const { fault, root, elements, dangerous, text } = await parsed(svg);
  expect(fault).toBeNull();
  expect([root, elements, dangerous]).toEqual(['svg', DRAWN, []]);
  expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u2028\u2029]/);
  // Opened by itself, as a browser does with the link.
  await page.goto(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`);
  expect(await page.evaluate('document.documentElement.nodeName')).toBe('svg');
  expect(dialogs).toEqual([]);
});

test.each<[string, string]>([
  ['a verdict', pictureOf(WORSE, {})],
  ['nothing worse', pictureOf(STEADY, {})],
  ['no sample after', pictureOf(STEADY, {}, 0)],
  ['running', pictureOf(STEADY, { state: 'running', verdict: null })],
  ['abandoned', pictureOf(STEADY, { state: 'abandoned', verdict: null })],
  ['zeros', pictureOf({ ...STEADY, error_rate: [0, 0], requests_per_sec: [0, 0] }, {})],
  ['very large numbers', pictureOf({ ...STEADY, latency_p95: [1, 1e12], requests_per_sec: [1e9, 0] }, {})],
])('the picture of a deployment is well-formed, with numbers that are numbers: %s', async (_, svg) => {
  const { fault, dangerous } = await parsed(svg);
  expect([fault, dangerous]).toEqual([null, []]);
  expect(svg).not.toMatch(/NaN|Infinity|undefined|="null"/);
});
