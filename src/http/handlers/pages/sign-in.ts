import { audited } from '../../../operators/audit.ts';
import { findOperator } from '../../../operators/operators.ts';
import { howPage } from '../../../pages/how-page.ts';
import { signInPage } from '../../../pages/sign-in-page.ts';
import { actorOf } from '../../audit-trail.ts';
import type { HttpDeps } from '../../deps.ts';
import { page, redirect } from '../../pages/serve-page.ts';
import { endedCookie, sessionCookie } from '../../pages/session.ts';
import type { ParsedRequest, Reply } from '../../request.ts';

export interface SignInQuery {
  readonly next: string;
}

export interface SignInForm extends SignInQuery {
  readonly token: string;
}

/** Back to a page of ours and nowhere else. */
const PAGE =
  /^\/(?:ui\/(?:(?:projects|deployments)\/[0-9a-f-]{36}(?:\/notifications)?|notifications)(?:\?[\w.=&%+-]*)?)?$/;

export const ownPage = (next: string | null | undefined): string => (PAGE.test(next ?? '') ? (next ?? '/') : '/');

export function signInHref(next: string): string {
  const page = ownPage(next);
  return page === '/' ? '/ui/sign-in' : `/ui/sign-in?next=${encodeURIComponent(page)}`;
}

export async function readSignIn(deps: HttpDeps, request: ParsedRequest<undefined, SignInQuery>): Promise<Reply> {
  const next = ownPage(request.query.next);
  if (request.page?.operator) return redirect(next);
  return page(signInPage({ stylesheet: deps.pages.stylesheet.path, next, fault: null, why: null }));
}

export async function postSignIn(deps: HttpDeps, request: ParsedRequest<SignInForm, undefined>): Promise<Reply> {
  const token = request.body.token.trim();
  const next = ownPage(request.body.next);
  const tries = await request.page?.limits.signIn();
  const operator = await findOperator(deps.operators, token);
  if (operator === null) {
    const left = tries?.left ?? 0;
    deps.lifecycle.log.warn({ event: 'sign_in_failed' }, 'somebody tried to sign in with a wrong token');
    const fault = `This is not the admin token. You have ${left} more ${left === 1 ? 'try' : 'tries'} this minute.`;
    return page(signInPage({ stylesheet: deps.pages.stylesheet.path, next, fault, why: null }), 401);
  }
  await tries?.succeeded();
  deps.lifecycle.log.info({ event: 'signed_in', operator_id: operator.id }, 'an operator signed in to the pages');
  const result = redirect(next, { 'Set-Cookie': sessionCookie(deps.pages.sessions, operator, token) });
  const actor = actorOf({ kind: 'operator', operator });
  return await audited<Reply>(
    deps.operators,
    { actor, action: 'POST /ui/sign-in', subject: {}, body: undefined },
    async () => ({ result, madeId: null }),
    () => 500,
  );
}

export async function postSignOut(deps: HttpDeps): Promise<Reply> {
  return redirect('/ui/sign-in', { 'Set-Cookie': endedCookie(deps.pages.sessions) });
}

export async function readHow(deps: HttpDeps, request: ParsedRequest<undefined, undefined>): Promise<Reply> {
  return page(howPage({ stylesheet: deps.pages.stylesheet.path, isOperator: request.page?.operator != null }));
}

const YEAR_SECONDS = 31_536_000;

/** Kept for good: its address changes with its text. */
export async function readStyles(deps: HttpDeps): Promise<Reply> {
  return {
    status: 200,
    body: deps.pages.stylesheet.text,
    contentType: 'text/css; charset=utf-8',
    headers: { 'Cache-Control': `public, max-age=${YEAR_SECONDS}, immutable` },
  };
}
