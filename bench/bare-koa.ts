/** The yardstick: a Koa that answers one path with a small JSON, as the service's own `/livez` does. */
import type { AddressInfo } from 'node:net';
import Koa from 'koa';

const app = new Koa();
app.use((ctx) => {
  if (ctx.path !== '/livez') return;
  ctx.type = 'application/json';
  ctx.body = JSON.stringify({ status: 'ok' });
});
const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`bare Koa listens on ${(server.address() as AddressInfo).port}`);
});
process.once('SIGTERM', () => process.exit(0));
