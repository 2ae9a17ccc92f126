/** A name that takes longer than any read waits. `message` is one clause for people, about the name. */
export class NameHangsError extends Error {
  override readonly name = 'NameHangsError';

  constructor(againInMs: number | null) {
    const again = againInMs === null ? '' : `: it is looked up again in ${Math.ceil(againInMs / 1_000)} s`;
    super(`name does not resolve in time${again}`);
  }
}

/** A look-up that found no room in time: too many other names hang. */
export class LookUpsFullError extends Error {
  override readonly name = 'LookUpsFullError';
  override readonly message = 'name was not looked up in time: too many other names hang';
}

/** The process that looked a name up ended before it answered. */
export class ResolverLostError extends Error {
  override readonly name = 'ResolverLostError';
}

/** The error of getaddrinfo, as node:dns would have thrown it; it may have happened in another process. */
export function lookUpError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`getaddrinfo ${code}`), { code, syscall: 'getaddrinfo' });
}
