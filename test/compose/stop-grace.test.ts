import { expect, test } from 'vitest';
import { SHUTDOWN_TIMEOUT_MS } from '../../otel/start.ts';
import { STOP_TIMEOUT_MS } from '../../src/jobs/scheduler.ts';
import { GRACE_SECONDS } from '../../src/service/stop.ts';
import { readCompose } from './support.ts';

/** Seconds for what has no limit of its own: connections that close, the process that ends. */
const ROOM_SECONDS = 5;

test('compose kills the service only after all that a stop may take, one limit after the other', () => {
  const grace = Number(/^(\d+)s$/.exec(readCompose('compose.yaml').services.seqpulse?.stop_grace_period ?? '')?.[1]);
  const limits = GRACE_SECONDS + (STOP_TIMEOUT_MS + SHUTDOWN_TIMEOUT_MS) / 1000;
  // docs/settings.md, SEQPULSE_SHUTDOWN_DELAY_SECONDS, says these three.
  expect([GRACE_SECONDS + STOP_TIMEOUT_MS / 1000, SHUTDOWN_TIMEOUT_MS / 1000, grace]).toEqual([9, 5, 20]);
  expect(limits + ROOM_SECONDS).toBeLessThanOrEqual(grace);
});
