import { wholeNumber } from './formats.ts';
import type { Setting } from './setting.ts';

/** What is taken of measurements that are pushed: part of SETTINGS. */
export const INTAKE_SETTINGS = {
  otlpPointsPerMinute: {
    name: 'SEQPULSE_OTLP_POINTS_PER_MINUTE',
    format: wholeNumber(0, 100_000_000),
    fallback: '300000',
    meaning:
      'How many points of the instruments that are kept a project’s key may push a minute to `/v1/metrics`, in this process; more are answered 429 with `Retry-After`. 0: no limit. A thousand instances with sixty streams each are 60,000.',
  },
  otlpMaxStreams: {
    name: 'SEQPULSE_OTLP_MAX_STREAMS',
    format: wholeNumber(1, 1_000_000),
    fallback: '20000',
    meaning:
      'How many streams (an instrument with its attributes, of one instance) a project may push at the same time. Points of others are refused in a partial success that says so.',
  },
} as const satisfies Record<string, Setting>;
