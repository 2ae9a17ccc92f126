import type { PrometheusCredentials, PrometheusSettings } from '../../model/source.ts';
import { type FailedReading, failed } from '../http/failure-reason.ts';
import type { Ask } from '../http/visit.ts';
import { parseAnswer, type QueryAnswer } from './answer.ts';

/** The server understood: `ok` or `refused`. */
export type Understood = Extract<QueryAnswer, { outcome: 'ok' }> | (QueryAnswer & { readonly outcome: 'refused' });
/** Or the whole read has failed. */
export type Asked = Understood | FailedReading;

/** Queries of one visit. Times in epoch milliseconds. */
export interface Session {
  instant(query: string, atMs: number, options?: AskOptions): Promise<Asked>;
  /** One point every `stepSeconds` from `fromMs` to `toMs`, both included. */
  range(
    query: string,
    span: { readonly fromMs: number; readonly toMs: number; readonly stepSeconds: number },
    options?: AskOptions,
  ): Promise<Asked>;
  /** Milliseconds that are left of the visit. */
  leftMs(): number;
}

export interface AskOptions {
  /** The server need not send more series than these; old ones send all the same. */
  readonly maxSeries?: number;
}

/** Seconds after which the server may give up a query: about when its answer would come too late. */
const QUERY_TIMEOUT = '10s';

/** POST, form-encoded: queries are longer than some proxies let a URL be. */
export function openSession(
  ask: Ask,
  settings: PrometheusSettings,
  credentials: PrometheusCredentials,
  leftMs: () => number,
): Session {
  const url = new URL(settings.url);
  const base = url.pathname.replace(/\/+$/, '');
  const headers = headersOf(credentials);
  const send = async (api: string, fields: Readonly<Record<string, string>>): Promise<Asked> => {
    const answer = await ask({
      method: 'POST',
      path: `${base}/api/v1/${api}`,
      headers,
      body: new URLSearchParams({ ...fields, timeout: QUERY_TIMEOUT }).toString(),
      wantsBody: (status) => status < 300 || status >= 400,
    });
    if (answer.outcome !== 'answered') return answer;
    const parsed = parseAnswer(answer.status, answer.text);
    if (parsed.outcome === 'ok') return parsed;
    if (parsed.outcome === 'refused') return { outcome: 'refused', reason: parsed.reason };
    return failed(answer.status === 200 ? 'bad_body' : 'bad_status', parsed.reason, answer.status);
  };
  return {
    leftMs,
    instant: async (query, atMs, options) => await send('query', { query, time: seconds(atMs), ...limitOf(options) }),
    range: async (query, { fromMs, toMs, stepSeconds }, options) =>
      await send('query_range', {
        query,
        ...limitOf(options),
        start: seconds(fromMs),
        end: seconds(toMs),
        step: String(stepSeconds),
        // VictoriaMetrics moves start and end to multiples of the step otherwise.
        nocache: '1',
      }),
  };
}

function limitOf({ maxSeries }: AskOptions = {}): Record<string, string> {
  return maxSeries === undefined ? {} : { limit: String(maxSeries) };
}

export function isFailed(asked: Asked): asked is FailedReading {
  return asked.outcome !== 'ok' && asked.outcome !== 'refused';
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}

function headersOf({ auth, headers }: PrometheusCredentials): Record<string, string> {
  return {
    ...headers,
    ...(auth.type === 'basic'
      ? { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}` }
      : auth.type === 'bearer'
        ? { authorization: `Bearer ${auth.token}` }
        : {}),
    accept: 'application/json',
    'accept-encoding': 'identity',
    'content-type': 'application/x-www-form-urlencoded',
    'user-agent': 'SeqPulse',
  };
}
