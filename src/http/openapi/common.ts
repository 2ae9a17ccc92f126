import { z } from 'zod';
import { CUSTOM, METRICS } from '../../verdict/types.ts';
import { said } from '../schemas.ts';

/** Words that the answers' schemas share. Each field says what it is, in which unit, and when it is null. */

export { said };

export const time = z.iso.datetime();
export const uuid = z.guid();
export const count = z.int().min(0);
/** 0 to 1. */
export const share = z.number().min(0).max(1);

/** Not as a tuple: tools know lists of two better than `prefixItems`. */
export const pairOfNumbers = z.array(z.number()).length(2);

/** Low and high end of a 95 % interval. */
export const interval = (description: string) =>
  said(pairOfNumbers.nullable(), `${description} Low and high end, 95 %.`);

export const metricName = z.enum(METRICS);
export const findingMetric = z.enum([...METRICS, CUSTOM]);

/** The five numbers of a reading. */
export const numbers = {
  requests_per_sec: said(z.number().nullable(), 'Requests per second (1/s). null: not known.'),
  latency_p95: said(z.number().nullable(), '95th percentile of the latency, milliseconds. null: not known.'),
  error_rate: said(share.nullable(), 'Failed requests ÷ all requests, 0 to 1. null: not known.'),
  cpu_usage: said(share.nullable(), 'Share of the CPU in use, 0 to 1. null: not known.'),
  memory_usage: said(share.nullable(), 'Share of the memory in use, 0 to 1. null: not known.'),
};

/** What every list answers. */
export const page = (item: z.ZodType) =>
  z.object({
    items: said(z.array(item), 'Newest first.'),
    next_cursor: said(z.string().nullable(), 'For `cursor` of the next page; null: this is the last one.'),
  });
