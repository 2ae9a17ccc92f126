import type { ServerResponse } from 'node:http';

/** Calls back when the client has gone, at once where it has already: `close` comes only once, and may have come before. */
export function onClientGone(response: ServerResponse, callback: () => void): void {
  if (response.destroyed) callback();
  else response.once('close', callback);
}
