import type { Config } from '../config/parse-config.ts';
import type { Database } from '../db/database.ts';
import type { OtlpIntake } from '../http/deps.ts';
import { instrumentsOf } from '../sources/otlp/custom-instruments.ts';
import { type NewPointsRow, takeIn } from '../sources/otlp/intake.ts';
import { createStreamCensus } from '../sources/otlp/stream-census.ts';

/** Takes pushed measurements in, over the workers' connections: that their commit waits for no disk is told nobody. */
export function createOtlpIntake(deps: {
  readonly db: Database;
  readonly config: Pick<Config, 'otlpMaxStreams' | 'otlpPointsPerMinute'>;
  readonly now: () => number;
}): OtlpIntake {
  const { db, config, now } = deps;
  const mostStreams = config.otlpMaxStreams;
  const intake = {
    census: createStreamCensus(mostStreams),
    mostStreams,
    now,
    expectedOf: async (projectId: string) => {
      const { envs, settings } = await db.sources.pushedTo(projectId);
      return { envs, custom: instrumentsOf(settings) };
    },
    store: async (rows: readonly NewPointsRow[]) => await db.otlpPoints.store(rows),
  };
  return {
    pointsPerMinute: config.otlpPointsPerMinute,
    takeIn: async (request) => await takeIn(intake, request),
  };
}
