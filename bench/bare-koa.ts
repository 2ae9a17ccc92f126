/** The yardstick: a Koa with one route that answers a small JSON, as the service's own `/livez` does. */
import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import Koa from 'koa';

const app = new Koa();
const router = new Router();
router.get('/livez', (ctx) => {
  ctx.type = 'application/json';
  ctx.body = JSON.stringify({ status: 'ok' });
});
app.use(router.routes());
const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`bare Koa listens on ${(server.address() as AddressInfo).port}`);
});
process.once('SIGTERM', () => process.exit(0));
