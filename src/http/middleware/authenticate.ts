import type { Context } from 'koa';
import { sha256 } from '../../model/digest.ts';
import type { Role } from '../../model/operator.ts';
import { findOperator } from '../../operators/operators.ts';
import type { HttpDeps } from '../deps.ts';
import { HttpProblem } from '../problems.ts';
import type { Access, Caller } from '../request.ts';
import type { RateLimits } from './rate-limit.ts';

const API_KEY = /^SP_[0-9a-f]{32}$/;

export interface Authenticated {
  readonly caller: Caller;
  /** What the rate limit counts by: the key's hash; null for operators and open routes. */
  readonly limitKey: string | null;
}

/** Who calls, or 401 (429 once an address has failed too often). Neither credential opens the other's routes. */
export async function authenticate(
  deps: HttpDeps,
  limits: RateLimits,
  access: Exclude<Access, 'open' | 'page' | 'otlp'>,
  needs: Role,
  ctx: Context,
): Promise<Authenticated> {
  if (access !== 'operator') {
    const found = await findProject(deps, ctx.get('X-API-Key'));
    if (found !== null) return found;
  }
  const token = access === 'ci' ? undefined : BEARER.exec(ctx.get('Authorization'))?.[1];
  const operator = token === undefined ? null : await findOperator(deps.operators, token);
  if (operator !== null) {
    if (operator.role === 'admin' || needs === 'viewer')
      return { caller: { kind: 'operator', operator }, limitKey: null };
    throw new HttpProblem(
      'FORBIDDEN',
      `${operator.name} may look, and say whether verdicts were right: this needs the role admin.`,
    );
  }
  await limits.countFailedCredentials(ctx);
  throw new HttpProblem('UNAUTHORIZED', HINT[access], {
    headers: { 'WWW-Authenticate': access === 'ci' ? 'ApiKey' : 'Bearer' },
  });
}

const HINT = {
  ci: 'Send the project’s key in the header X-API-Key.',
  operator: 'Send the admin token in the header Authorization: Bearer ….',
  either: 'Send the project’s key in X-API-Key, or the admin token in Authorization: Bearer ….',
} as const;

async function findProject(deps: HttpDeps, key: string): Promise<Authenticated | null> {
  // Keys are 128 random bits and looked up by their hash: the comparison's time says nothing about a key.
  if (!API_KEY.test(key)) return null;
  const hash = sha256(key);
  const projectId = await deps.findKeyOwner(hash);
  return projectId === null ? null : { caller: { kind: 'project', projectId }, limitKey: hash.toString('base64url') };
}

const BEARER = /^Bearer +(\S+)$/i;
