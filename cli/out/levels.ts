/** The five numbers. */
interface Levels {
  readonly requests_per_sec: number | null;
  readonly latency_p95: number | null;
  readonly error_rate: number | null;
  readonly cpu_usage: number | null;
  readonly memory_usage: number | null;
}

/** "20/s, p95 120 ms, errors 0.2 %, CPU 30 %, memory 50 %" */
export function level(of: Levels): string {
  const share = (value: number | null) => (value === null ? 'not known' : `${Number((value * 100).toFixed(2))} %`);
  const plain = (value: number | null, unit: string) =>
    value === null ? 'not known' : `${Number(value.toFixed(1))}${unit}`;
  return [
    plain(of.requests_per_sec, '/s'),
    `p95 ${plain(of.latency_p95, ' ms')}`,
    `errors ${share(of.error_rate)}`,
    `CPU ${share(of.cpu_usage)}`,
    `memory ${share(of.memory_usage)}`,
  ].join(', ');
}
