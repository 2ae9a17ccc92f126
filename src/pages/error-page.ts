import { markup } from '../report/markup.ts';
import { shell } from './shell.ts';

/** What was refused, and where to go on. */
export function errorPage(input: {
  readonly title: string;
  readonly detail: string;
  readonly stylesheet: string;
  readonly isOperator: boolean;
}): string {
  const { title, detail, stylesheet, isOperator } = input;
  return shell({
    title,
    crumbs: isOperator ? [{ text: 'Projects', href: '/' }] : [],
    viewer: isOperator ? 'operator' : 'nobody',
    nowMs: null,
    stylesheet,
    main: markup`<div class="head"><h1>${title}.</h1><p class="lead">${detail}</p>${
      isOperator ? '' : markup`<p class="lead"><a href="/ui/sign-in">Sign in</a> to see all projects.</p>`
    }</div>`,
  });
}
