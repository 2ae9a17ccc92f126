import type { MonitoringServer } from './monitoring-server.ts';

export interface QueriedSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What an instant query returns now. */
export async function queryPrometheus(prometheus: MonitoringServer, expr: string): Promise<QueriedSeries[]> {
  const { result } = await prometheus.get<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
    `/v1/query?query=${encodeURIComponent(expr)}`,
  );
  return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}

export interface ScrapeTarget {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
}

export async function scrapeTargets(prometheus: MonitoringServer): Promise<readonly ScrapeTarget[]> {
  return (await prometheus.get<{ activeTargets: ScrapeTarget[] }>('/v1/targets')).activeTargets;
}
