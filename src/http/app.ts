import Koa from 'koa';
import type { Instruments } from '../model/telemetry.ts';
import type { HttpDeps } from './deps.ts';
import { createRouter } from './dispatch.ts';
import { measure } from './middleware/measure.ts';
import { problems } from './middleware/problem.ts';
import { createRateLimits } from './middleware/rate-limit.ts';
import { cutUnreadBody } from './middleware/unread-body.ts';
import { PAGE_ROUTES } from './page-routes.ts';
import { ROUTES } from './routes.ts';

/** The Koa application; it never listens. From outside in: measure → unread body → problems → router. */
export function buildApp(deps: HttpDeps, telemetry: Instruments, noteRoute: ((template: string) => void) | null): Koa {
  const app = new Koa();
  const { log } = deps.lifecycle;
  app.use(measure(telemetry, log));
  app.use(cutUnreadBody);
  app.use(problems(log));
  app.use(
    createRouter(deps, createRateLimits(deps.rateLimitPerMinute, deps.proxies), [...PAGE_ROUTES, ...ROUTES], noteRoute),
  );
  // A client that went away while its answer was written; nobody is left to be told.
  app.on('error', (error: Error) => log.debug({ event: 'response_error', err: error }, 'response could not be sent'));
  return app;
}
