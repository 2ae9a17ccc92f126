import type { Context } from 'koa';
import { PageRefusal } from './refusal.ts';

/**
 * A form that another site sends in the name of whoever is signed in is refused (403). Every browser tells where a POST
 * comes from; what does not is no browser with a session.
 *
 * @param publicUrl where people find this installation: behind a proxy it may be called by another name.
 */
export function checkSameOrigin(ctx: Context, publicUrl: string | null): void {
  const origin = ctx.get('Origin');
  const isOurs =
    origin === ''
      ? ctx.get('Sec-Fetch-Site') === 'same-origin'
      : hostOf(origin) === ctx.get('Host').toLowerCase() ||
        (publicUrl !== null && origin === new URL(publicUrl).origin);
  if (!isOurs)
    throw new PageRefusal(403, 'Sent from another site', 'This form was not sent from a page of this service.');
}

function hostOf(origin: string): string | null {
  return URL.parse(origin)?.host ?? null;
}
