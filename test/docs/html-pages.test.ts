import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { htmlPath, renderPage } from '../../docs/kit/page.ts';
import { DOCS_FOLDER, linkPrometheusFiles } from '../../harness/monitoring-files.ts';
import { findMonitoringPrograms } from '../../harness/monitoring-programs.ts';
import { type MonitoringServer, startPrometheus } from '../../harness/monitoring-server.ts';
import { ALERT_NAMES, DEFAULT_LINK_BASES, runbookUrl } from '../../prometheus/alert-catalog.ts';

const render = (markdown: string, path = 'runbooks/A.md') =>
  renderPage({ path, markdown, pages: new Set(['panels.md', 'runbooks/A.md', 'runbooks/B.md', 'runbooks/README.md']) });

describe('a page', () => {
  test('leads to other pages, to headings of them and to pictures, from where it is served', () => {
    expect(render('[b](B.md#x)')).toContain('<a href="B.html#x">b</a>');
    expect(render('[p](../panels.md)')).toContain('<a href="../panels.html">p</a>');
    expect(render('[r](runbooks/)', 'panels.md')).toContain('<a href="runbooks/index.html">r</a>');
    expect(render('![i](images/a.png)', 'panels.md')).toContain('<img src="../images/a.png" alt="i">');
    expect(render('[s](#here)')).toContain('<a href="#here">s</a>');
    expect(render('[w](https://example.org/a?b=1&c=2)')).toContain('<a href="https://example.org/a?b=1&amp;c=2">w</a>');
  });

  test('names what is not served instead of linking it', () => {
    expect(render('[c](../../collector/README.md)')).toContain('c (<code>collector/README.md</code>)');
  });

  test('has the fragments that links in Markdown name', () => {
    expect(render('## `up` & *down*: 100 %')).toContain('<h2 id="up--down-100-">');
    expect(render('## Dépannage rapide', 'panels.fr.md')).toContain('id="dépannage-rapide"');
  });

  test('says its language, and shows no comment and no HTML of its Markdown', () => {
    expect(render('# T', 'panels.fr.md')).toContain('<html lang="fr">');
    const page = render('# T\n\n<!-- rules -->\n\n<script>alert(1)</script>\n');
    expect(page).not.toContain('rules');
    expect(page).not.toContain('<script');
    expect(page).toContain('<title>T</title>');
  });
});

test('the committed pages are what the Markdown says, and none is left of a page that has gone', () => {
  expect(() => execFileSync(process.execPath, [join(DOCS_FOLDER, 'generate-pages.ts'), '--check'])).not.toThrow();
});

const programs = findMonitoringPrograms('the tests that runbooks open as pages are', ['prometheus']);

/** No service runs here: the pages are needed most when it does not. */
describe.skipIf(programs.missing)('Prometheus alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'seqpulse-pages-'));
  let prometheus: MonitoringServer;
  beforeAll(async () => {
    linkPrometheusFiles(folder);
    prometheus = await startPrometheus(programs.path('prometheus'), folder, `--web.user-assets=${DOCS_FOLDER}`);
  });
  afterAll(async () => {
    await prometheus[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const served = (url: string) => url.replace(new URL(DEFAULT_LINK_BASES.runbooks).origin, prometheus.url);

  test.each(ALERT_NAMES)('serves the runbook of %s as a page', async (alert) => {
    const response = await fetch(served(runbookUrl(alert)));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const page = await response.text();
    expect(page).toContain(`>${alert}</h1>`);
    expect(page).toContain('>Diagnosis</h2>');
    expect(page).toMatch(/<pre><code class="language-sh">/);
  });

  test('serves every page and picture that a walk over their links meets, with the fragments they name', async () => {
    const start = served(new URL('../index.html', `${DEFAULT_LINK_BASES.runbooks}/`).href);
    const pages = new Map<string, string>();
    const waiting = [start];
    for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) {
      const address = url.split('#')[0] ?? '';
      if (!pages.has(address)) {
        const response = await fetch(address);
        expect(response.status, address).toBe(200);
        const isPage = response.headers.get('content-type')?.startsWith('text/html') === true;
        const text = isPage ? await response.text() : '';
        pages.set(address, text);
        for (const [, link = ''] of text.matchAll(/(?:href|src)="([^"]+)"/g)) {
          const target = new URL(link, address);
          if (target.origin === prometheus.url) waiting.push(target.href);
        }
      }
      const fragment = url.split('#')[1];
      if (fragment !== undefined) expect(pages.get(address), url).toContain(`id="${decodeURIComponent(fragment)}"`);
    }
    const markdown = readdirSync(DOCS_FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.md'),
    );
    const met = [...pages.keys()].map((url) => url.replace(`${prometheus.url}/user/html/`, ''));
    expect(met).toEqual(expect.arrayContaining(markdown.map(htmlPath)));
    expect([...pages.keys()].filter((url) => url.endsWith('.png')).length).toBeGreaterThan(2);
    expect(readFileSync(join(DOCS_FOLDER, 'html/style.css'), 'utf8')).toBe(
      await (await fetch(`${prometheus.url}/user/html/style.css`)).text(),
    );
  });
});
