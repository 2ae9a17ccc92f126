import type { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';

/**
 * Closing a connection while bytes of the request are unread resets it, and the client may lose the answer that
 * told it why. So what is under way is taken in and dropped, but only this much and this long: the rest is cut.
 */
const LINGER_BYTES = 8 * 1024 * 1024;
const LINGER_MS = 1_000;
const LOOK_EVERY_MS = 10;

/**
 * An answer that was ready before the body had been read (a wrong key, a body too large) ends the connection:
 * to keep it, the whole upload would have to be taken in first.
 */
export const cutUnreadBody: Middleware = async (ctx, next) => {
  await next();
  if (ctx.req.complete) return;
  ctx.set('Connection', 'close');
  // Before node:http's own listener, which closes the connection.
  ctx.res.prependListener('finish', () => linger(ctx.req));
};

function linger({ socket }: IncomingMessage): void {
  const firstByte = socket.bytesRead;
  const until = performance.now() + LINGER_MS;
  const look = setInterval(() => {
    if (socket.bytesRead - firstByte > LINGER_BYTES || performance.now() > until) socket.destroy();
  }, LOOK_EVERY_MS);
  socket.once('close', () => clearInterval(look));
  // What node:http calls when the answer is out; its own would destroy the socket then.
  socket.destroySoon = () => socket.end();
}
