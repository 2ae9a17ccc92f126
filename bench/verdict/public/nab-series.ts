import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reading, Series } from './series.ts';

/** Which files hold what, and how a value of five minutes becomes that of a sample, a fifth of it. */
const KINDS: readonly { readonly files: RegExp; readonly reading: (value: number) => Reading }[] = [
  { files: /_cpu_utilization_|^cpu_utilization/, reading: (percent) => ({ cpu_usage: Math.min(1, percent / 100) }) },
  { files: /^(elb_request_count|Twitter_volume)_/, reading: (count) => ({ requests_per_sec: count / 60 }) },
  { files: /^ec2_request_latency_/, reading: (ms) => ({ latency_p95: ms }) },
];

/**
 * Numenta Anomaly Benchmark: weeks of five-minute readings, one metric each. The development cases hold other pieces of it;
 * here it is the family with a long history. Windows that its labels mark are left out.
 */
export function nabSeries(root: string): Series[] {
  const labels = JSON.parse(readFileSync(join(root, 'labels/combined_windows.json'), 'utf8')) as Record<
    string,
    readonly (readonly [string, string])[]
  >;
  return ['realAWSCloudwatch', 'realKnownCause', 'realTweets'].flatMap((folder) =>
    readdirSync(join(root, 'data', folder))
      .sort()
      .flatMap((file): Series[] => {
        const kind = KINDS.find(({ files }) => files.test(file));
        if (kind === undefined) return [];
        const windows = labels[`${folder}/${file}`] ?? [];
        const marked = new Set<number>();
        const readings: Reading[] = [];
        for (const line of readFileSync(join(root, 'data', folder, file), 'utf8')
          .split('\n')
          .slice(1)) {
          const [at, value] = line.trim().split(',');
          if (at === undefined || value === undefined) continue;
          if (windows.some(([from, to]) => at >= from.slice(0, 19) && at <= to.slice(0, 19)))
            marked.add(readings.length);
          readings.push(kind.reading(Number(value)));
        }
        return [{ family: 'nab', part: 'open', readings, marked }];
      }),
  );
}
