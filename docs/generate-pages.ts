/**
 * Writes docs/html: every page of docs/ as HTML, which Prometheus serves beside the alerts that link it
 * (decisions/0004). `npm run generate`; with `--check` it writes nothing and exits 1 when a page is not what its
 * Markdown says.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HTML_FOLDER, htmlPath, renderPage, renderStartPage } from './kit/page.ts';

const docs = fileURLToPath(new URL('.', import.meta.url));
const folder = join(docs, HTML_FOLDER);
const read = (path: string) => readFileSync(join(docs, path), 'utf8');

const pages = filesBelow(docs).filter((path) => path.endsWith('.md'));
const known = new Set(pages);
const titles = new Map(pages.map((page) => [page, /^# (.+)$/m.exec(read(page))?.[1]?.replace(/[`*]/g, '') ?? page]));
const files = new Map([
  ['index.html', renderStartPage(titles)],
  ['style.css', read('kit/style.css')],
  ...pages.map((path) => [htmlPath(path), renderPage({ path, markdown: read(path), pages: known })] as const),
]);

if (process.argv.includes('--check')) {
  const there = filesBelow(folder);
  const stale = [...files].filter(([path, text]) => !there.includes(path) || read(`${HTML_FOLDER}/${path}`) !== text);
  const left = there.filter((path) => !files.has(path));
  for (const path of [...stale.map(([path]) => path), ...left]) {
    console.error(`docs/${HTML_FOLDER}/${path} is stale: run \`npm run generate\` and commit it.`);
    process.exitCode = 1;
  }
} else {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Files below a folder, with slashes, sorted; none when there is no such folder. */
function filesBelow(parent: string): string[] {
  try {
    const entries = readdirSync(parent, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return paths.map((path) => path.slice(parent.replace(/\/$/, '').length + 1).replaceAll('\\', '/')).sort();
  } catch {
    return [];
  }
}
