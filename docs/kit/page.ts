import { posix } from 'node:path';
import { Marked, type Tokens } from 'marked';
import { headingSlug } from '../../grafana/kit/links.ts';

/** Where the pages lie, below docs/. */
export const HTML_FOLDER = 'html';

/** `runbooks/README.md` → `runbooks/index.html`: what a link to the folder opens. */
export function htmlPath(page: string): string {
  return page.replace(/(^|\/)README\.md$/, '$1index.md').replace(/\.md$/, '.html');
}

export interface PageInput {
  /** Below docs/, with slashes: `runbooks/SeqPulseDown.md`. */
  readonly path: string;
  readonly markdown: string;
  /** All of docs/, so that a link to one of them leads to its page. */
  readonly pages: ReadonlySet<string>;
}

/** A page of docs/ as a document of its own; links between pages and to pictures work where Prometheus serves docs/. */
export function renderPage({ path, markdown, pages }: PageInput): string {
  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth, text }: Tokens.Heading) {
        const id = headingSlug(text.replace(/[`*]/g, ''));
        return `<h${depth} id="${id}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link) {
        const text = this.parser.parseInline(tokens);
        const target = linkTarget(path, href, pages);
        // What lies outside docs/ is not served.
        if (target === null) return `${text} (<code>${escapeHtml(outsidePath(path, href))}</code>)`;
        return `<a href="${escapeHtml(target)}">${text}</a>`;
      },
      image({ href, text }: Tokens.Image) {
        return `<img src="${escapeHtml(linkTarget(path, href, pages) ?? href)}" alt="${escapeHtml(text)}">`;
      },
      html: ({ text }: Tokens.HTML | Tokens.Tag) => (/^\s*<!--/.test(text) ? '' : escapeHtml(text)),
    },
  });
  const title = /^# (.+)$/m.exec(markdown)?.[1]?.replace(/[`*]/g, '') ?? path;
  const start = posix.relative(posix.dirname(htmlPath(path)), 'index.html');
  return document({
    title,
    language: /\.fr\.md$/.test(path) ? 'fr' : 'en',
    style: posix.relative(posix.dirname(htmlPath(path)), 'style.css'),
    body: `<nav><a href="${start}">SeqPulse</a></nav>\n${marked.parse(markdown, { async: false })}`,
  });
}

/** The start page: every page by its title, those of a folder together. */
export function renderStartPage(titles: ReadonlyMap<string, string>): string {
  const folders = Map.groupBy([...titles.keys()].sort(), (page) => posix.dirname(page));
  const lists = [...folders].map(([folder, pages]) => {
    const items = pages.map(
      (page) => `<li><a href="${htmlPath(page)}">${escapeHtml(titles.get(page) ?? page)}</a></li>`,
    );
    return `${folder === '.' ? '' : `<h2>${escapeHtml(folder)}</h2>\n`}<ul>\n${items.join('\n')}\n</ul>`;
  });
  return document({
    title: 'SeqPulse',
    language: 'en',
    style: 'style.css',
    body: `<h1>SeqPulse</h1>\n${lists.join('\n')}\n`,
  });
}

/** Relative to the page's HTML; null for what is not served. */
function linkTarget(page: string, href: string, pages: ReadonlySet<string>): string | null {
  if (/^(https?:|#)/.test(href)) return href;
  const [file = '', fragment] = href.split('#');
  const target = posix.normalize(posix.join(posix.dirname(page), file)).replace(/\/$/, '');
  if (target.startsWith('..')) return null;
  const from = posix.join(HTML_FOLDER, posix.dirname(htmlPath(page)));
  const found = [target, `${target}/README.md`].find((candidate) => pages.has(candidate));
  // A picture, or a folder without a page of its own: as it lies in docs/.
  const to = found === undefined ? target : posix.join(HTML_FOLDER, htmlPath(found));
  return `${posix.relative(from, to)}${fragment === undefined ? '' : `#${fragment}`}`;
}

/** Below the repository. */
function outsidePath(page: string, href: string): string {
  return posix.normalize(posix.join('docs', posix.dirname(page), href));
}

function document(page: { title: string; language: string; style: string; body: string }): string {
  return `<!doctype html>
<html lang="${page.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<link rel="stylesheet" href="${page.style}">
</head>
<body>
${page.body}</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
