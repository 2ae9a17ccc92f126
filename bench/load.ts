import autocannon from 'autocannon';

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers outside 2xx, and requests without an answer: a benchmark with any is void. */
  readonly failed: number;
}

/** Connections: as in the figures of other implementations of this contract. */
const CONNECTIONS = 16;

export async function loadGet(url: string, seconds: number): Promise<LoadResult> {
  return toResult(await autocannon({ url, connections: CONNECTIONS, duration: seconds }));
}

/** `bodies`: each is sent once; the run ends when all are answered. `accepted` is asked about every answer. */
export async function loadPost(
  url: string,
  bodies: readonly { readonly body: string; readonly headers: Record<string, string> }[],
  accepted: (body: string) => boolean,
): Promise<LoadResult & { readonly accepted: number }> {
  let next = 0;
  let count = 0;
  let lastAt = 0;
  const startedAt = performance.now();
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    amount: bodies.length,
    requests: [
      {
        method: 'POST',
        setupRequest(request) {
          const one = bodies[next++ % bodies.length];
          return { ...request, body: one?.body ?? '', headers: { ...request.headers, ...one?.headers } };
        },
        onResponse(_status, body) {
          lastAt = performance.now();
          if (accepted(body)) count += 1;
        },
      },
    ],
  });
  // Not the time of the run: autocannon ends it at its next full second.
  const seconds = (lastAt - startedAt) / 1000;
  return { ...toResult(result), requestsPerSecond: count / seconds, accepted: count };
}

function toResult(result: autocannon.Result): LoadResult {
  return {
    requestsPerSecond: result.requests.average,
    requests: result.requests.total,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    failed: result.non2xx + result.errors + result.timeouts,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}
