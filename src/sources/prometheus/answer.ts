export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Epoch milliseconds and value; NaN and infinities are values. */
  readonly points: readonly (readonly [atMs: number, value: number])[];
}

/**
 * What a query came to. An empty result is `ok` with no series: success, and not zero. `refused`: the server understood
 * and will say the same again; `broken`: this is no answer of a Prometheus, or it can not serve now.
 */
export type QueryAnswer =
  | { readonly outcome: 'ok'; readonly series: readonly Series[]; readonly warnings: readonly string[] }
  | { readonly outcome: 'refused' | 'broken'; readonly reason: string };

/** Characters of a server's own words that are passed on. */
const MAX_WORDS = 300;

/** Reads an answer of `/api/v1/query` or `/api/v1/query_range`. Never throws, whatever was sent. */
export function parseAnswer(status: number, text: string): QueryAnswer {
  const body = parseJson(text);
  if (status >= 300 && status < 400) return broken(`answered ${status}: redirects are not followed, set the final URL`);
  if (status === 401 || status === 403) {
    return broken(`answered ${status}: it refuses the credentials; check auth, and headers such as X-Scope-OrgID`);
  }
  if (status === 404) {
    return broken(
      'answered 404: there is no Prometheus API below this URL; set it without /api/v1 (Mimir: …/prometheus, Grafana Cloud: …/api/prom)',
    );
  }
  if (isObject(body) && body.status === 'error' && typeof body.error === 'string') {
    const words = `${body.error}`.slice(0, MAX_WORDS);
    // 400 bad_data and 422 execution are about the query; timeouts, 429, 5xx pass.
    const isAboutQuery = status === 400 || (status === 422 && body.errorType !== 'timeout');
    return { outcome: isAboutQuery ? 'refused' : 'broken', reason: `answered ${status}: ${words}` };
  }
  if (status !== 200) return broken(`answered ${status}`);
  if (body === undefined) {
    return broken(
      text.trimStart().startsWith('<')
        ? 'the answer is HTML, not a Prometheus’ JSON: is a login page in front, or the URL another’s?'
        : 'the answer is not JSON',
    );
  }
  if (!isObject(body) || body.status !== 'success' || !isObject(body.data)) {
    return broken('the answer is JSON, but not a Prometheus’');
  }
  const series = seriesOf(body.data.resultType, body.data.result);
  if (series === null) return broken('the answer holds no vector, matrix or scalar');
  return { outcome: 'ok', series, warnings: warningsOf(body) };
}

function seriesOf(type: unknown, result: unknown): Series[] | null {
  if (!Array.isArray(result)) return null;
  if (type === 'scalar') {
    const point = pointOf(result);
    return point === null ? null : [{ labels: {}, points: [point] }];
  }
  if (type !== 'vector' && type !== 'matrix') return null;
  const all: Series[] = [];
  for (const one of result) {
    if (!isObject(one)) return null;
    const raw = type === 'vector' ? [one.value] : (one.values ?? histogramTimes(one.histograms));
    const points = Array.isArray(raw) ? raw.map(pointOf).filter((point) => point !== null) : [];
    const labels = isObject(one.metric) ? (one.metric as Record<string, string>) : {};
    all.push({ labels, points });
  }
  return all;
}

/** A native histogram that was asked for as it is has times, and nothing that could be a number. */
function histogramTimes(histograms: unknown): unknown {
  return Array.isArray(histograms) ? histograms.map((one) => (Array.isArray(one) ? [one[0], 'NaN'] : null)) : undefined;
}

function pointOf(raw: unknown): readonly [number, number] | null {
  if (!Array.isArray(raw) || typeof raw[0] !== 'number' || typeof raw[1] !== 'string') return null;
  return [Math.round(raw[0] * 1_000), parseValue(raw[1])];
}

function parseValue(text: string): number {
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return text.trim() === '' ? Number.NaN : Number(text);
}

function warningsOf(body: Record<string, unknown>): string[] {
  return [body.warnings, body.infos]
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .filter((warning) => typeof warning === 'string')
    .slice(0, 10)
    .map((warning) => warning.slice(0, MAX_WORDS));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function broken(reason: string): QueryAnswer {
  return { outcome: 'broken', reason };
}
