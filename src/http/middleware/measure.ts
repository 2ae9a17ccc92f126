import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import type { Instruments } from '../../model/telemetry.ts';
import { matchedTemplate } from '../match.ts';

/** Polled or pushed to every few seconds by machines: counted, but at `debug` in the log. */
const QUIET = new Set(['/v1/metrics', '/health', '/health/scheduler', '/db-check', '/livez', '/readyz']);

/**
 * Measures and logs every request. Outermost, so that what the client gets is what is counted. `/metrics` is not
 * counted: scrapes would be most of the traffic of a quiet installation.
 */
export function measure(telemetry: Instruments, log: Logger): Middleware {
  return async (ctx, next) => {
    const startedAt = performance.now();
    try {
      await next();
    } finally {
      const route = matchedTemplate(ctx);
      if (route !== '/metrics') {
        const method = ctx.req.method ?? '';
        const waitedMs = (ctx.state.waitedMs as number | undefined) ?? 0;
        const durationSeconds = (performance.now() - startedAt - waitedMs) / 1000;
        // Refused because enough wait already: asked for again later, and no sign of trouble that the SLO should count.
        const isNoError = ctx.state.problemCode === 'TOO_MANY_WAITING';
        if (!isNoError) {
          telemetry.httpRequestHandled({ method, route, statusCode: ctx.res.statusCode, durationSeconds });
        }
        const level = route !== undefined && QUIET.has(route) ? 'debug' : 'info';
        if (log.isLevelEnabled(level)) {
          const deploymentId = ctx.state.deploymentId as string | undefined;
          log[level](
            {
              event: 'http_request',
              method,
              route: route ?? '__unmatched__',
              status: ctx.res.statusCode,
              duration_ms: Math.round(durationSeconds * 1e6) / 1e3,
              ...(deploymentId === undefined ? {} : { deployment_id: deploymentId }),
            },
            'request handled',
          );
        }
      }
    }
  };
}
