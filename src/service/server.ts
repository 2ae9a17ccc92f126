import type { Logger } from 'pino';
import { createFindKeyOwner } from '../batching/find-key-owner.ts';
import type { Config } from '../config/parse-config.ts';
import type { Database } from '../db/database.ts';
import { buildApp } from '../http/app.ts';
import type { HttpDeps } from '../http/deps.ts';
import { createOpenApi } from '../http/openapi/serve.ts';
import { type HttpServer, listen } from '../http/server.ts';
import { createOperatorsDeps } from './operators.ts';
import type { ServiceOptions } from './options.ts';

/** What the server needs of what was opened before it. */
export interface ServerParts extends Pick<ServiceOptions, 'secrets' | 'telemetry'> {
  readonly config: Config;
  readonly log: Logger;
  readonly now: () => number;
  readonly db: Database;
  readonly rooms: Pick<
    HttpDeps,
    'lifecycle' | 'projects' | 'notifications' | 'otlp' | 'health' | 'waiting' | 'findDeployment' | 'pages'
  >;
}

/** Answers requests from now on: the API and the pages. */
export async function openServer({
  config,
  secrets,
  telemetry,
  log,
  now,
  db,
  rooms,
}: ServerParts): Promise<HttpServer> {
  const app = buildApp(
    {
      ...rooms,
      scrape: async () => await telemetry.scrape(),
      openApi: createOpenApi(),
      findKeyOwner: createFindKeyOwner(db, now),
      operators: createOperatorsDeps({ db, secrets, log, now }),
      rateLimitPerMinute: config.rateLimitPerMinute,
      proxies: { networks: config.trustProxy, header: config.trustProxyHeader },
      written: new WeakMap(),
    },
    telemetry.instruments,
    telemetry.noteRoute,
  );
  return await listen(app.callback(), config.host, config.port);
}
