import type { Stage } from './stage.ts';

/** The value of one series as GET /metrics shows it, such as `seqpulse_x_total{a="b"}`; null when it is not there. */
export async function scraped({ api }: Stage, series: string): Promise<number | null> {
  const { body } = await api.request('GET', '/metrics');
  const line = (body as string).split('\n').find((text) => text.startsWith(`${series} `));
  return line === undefined ? null : Number(line.slice(series.length + 1).split(' ')[0]);
}
