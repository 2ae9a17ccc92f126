import { type Markup, markup, type Piece } from '../report/markup.ts';
import { hourMinute } from '../report/times.ts';
import { SPRITE } from './icons.ts';

/** What every page shares. */
export interface ShellInput {
  /** Before "· SeqPulse". */
  readonly title: string;
  /** Where one is: links but for the last. */
  readonly crumbs: readonly { readonly text: string; readonly href?: string }[];
  readonly main: Piece;
  /** Whose page it is: an operator's has a way out, a stranger's a way in, the sign-in's neither. */
  readonly viewer: 'operator' | 'link' | 'nobody';
  /** Under all; null: times are said nowhere. */
  readonly nowMs: number | null;
  /** In place of "As of 10:01". */
  readonly footer?: Piece;
  readonly narrow?: boolean;
  readonly stylesheet: string;
  readonly signInHref?: string;
}

const MARK = markup`<svg class="mark" viewBox="0 0 28 16" aria-hidden="true"><path d="M1 11h6l3-8 5 11 3-7h9"/></svg>`;

/** A whole document. No script, no inline style: the CSP refuses both. */
export function shell(page: ShellInput): string {
  const { markup: text } = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="description" content="Whether a deployment made its application worse, and why."><meta name="robots" content="noindex"><title>${page.title} · SeqPulse</title><link rel="icon" href="data:,"><link rel="stylesheet" href="${page.stylesheet}"></head><body${page.narrow === true ? markup` class="narrow"` : ''}>${SPRITE}<a class="skip" href="#main">Skip to content</a><header class="top">${brand(page)}${crumbs(page)}${door(page)}</header><main id="main">${page.main}</main><footer><p>${footerOf(page)} <a href="${HOW}">How a verdict is made</a></p></footer></body></html>
`;
  return text;
}

const HOW = '/ui/how';

function brand({ viewer }: ShellInput): Markup {
  return viewer === 'operator'
    ? markup`<a class="brand" href="/">${MARK}SeqPulse</a>`
    : markup`<span class="brand">${MARK}SeqPulse</span>`;
}

function crumbs({ crumbs }: ShellInput): Piece {
  if (crumbs.length === 0) return '';
  return markup`<nav aria-label="Where you are"><ol>${crumbs.map(({ text, href }, index) =>
    href === undefined
      ? markup`<li><span${index === crumbs.length - 1 ? markup` aria-current="page"` : ''}>${text}</span></li>`
      : markup`<li><a href="${href}">${text}</a></li>`,
  )}</ol></nav>`;
}

function door({ viewer, signInHref }: ShellInput): Piece {
  if (viewer === 'operator') {
    return markup`<form method="post" action="/ui/sign-out"><button class="quiet">Sign out</button></form>`;
  }
  return viewer === 'link' && signInHref !== undefined ? markup`<a class="enter" href="${signInHref}">Sign in</a>` : '';
}

function footerOf({ nowMs, footer }: ShellInput): Piece {
  if (footer !== undefined) return footer;
  return nowMs === null ? '' : `All times UTC. As of ${hourMinute(nowMs)}.`;
}
