import type { Context } from 'koa';
import type { LifecycleDeps } from '../../lifecycle/deps.ts';
import { sha256 } from '../../model/digest.ts';
import { ADMIN, type Operator } from '../../model/operator.ts';

/**
 * Signs a session of an admin token with a key that hangs on that token: once the token is accepted no more, its sessions
 * have ended. A session of an operator's own token hangs on the secret key alone, and on that token, which is looked up.
 */
export interface SessionSigner {
  sign(text: string, token: string): string;
  verify(text: string, signature: string): boolean;
}

/** What the pages must know of sessions. */
export interface SessionDeps {
  readonly sessions: SessionSigner;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Pages are served over https: the cookie goes nowhere else. */
  readonly isSecure: boolean;
}

interface Payload {
  /** Of an operator's own token, hexadecimal; null: the admin token. */
  readonly digest: string | null;
  readonly until: number;
}

const COOKIE = 'seqpulse_session';
const HOURS = 12;

/**
 * Who is signed in; null: nobody, or no longer. A session is what its cookie says, signed. That of an operator ends with
 * their token: it is looked up by the digest each time.
 */
export async function operatorOf(
  deps: SessionDeps & { readonly db: Pick<LifecycleDeps['db'], 'operators'> },
  ctx: Context,
): Promise<Operator | null> {
  const value = new RegExp(`(?:^|; *)${COOKIE}=([\\w.-]+)`).exec(ctx.get('Cookie'))?.[1];
  const [payload = '', signature = ''] = value?.split('.') ?? [];
  if (value === undefined || !deps.sessions.verify(payload, signature)) return null;
  const { digest, until } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Payload;
  if (until <= deps.now()) return null;
  return digest === null
    ? ADMIN
    : await deps.db.operators.findByToken(Buffer.from(digest, 'hex'), new Date(deps.now()));
}

/** Lax and not Strict: from a chat or a mail one would always land on the sign-in. */
function cookie({ isSecure }: Pick<SessionDeps, 'isSecure'>, value: string, seconds: number): string {
  return `${COOKIE}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
}

export function sessionCookie(deps: SessionDeps, { id }: Operator, token: string): string {
  const digest = id === null ? null : sha256(token).toString('hex');
  const content: Payload = { digest, until: deps.now() + HOURS * 3_600_000 };
  const payload = Buffer.from(JSON.stringify(content)).toString('base64url');
  return cookie(deps, `${payload}.${deps.sessions.sign(payload, token)}`, HOURS * 3600);
}

export const endedCookie = (deps: Pick<SessionDeps, 'isSecure'>): string => cookie(deps, '', 0);
