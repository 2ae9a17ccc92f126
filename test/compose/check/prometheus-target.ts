import { until } from '../../../harness/until.ts';

interface Targets {
  readonly data: {
    readonly activeTargets: readonly { readonly labels: { readonly job: string }; readonly health: string }[];
  };
}

/** Waits until Prometheus, on this port of loopback, has scraped a job; its health, by Prometheus. */
export async function targetHealth(port: number, job: string): Promise<string> {
  return await until(`Prometheus has scraped ${job}`, 10, async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/targets`).catch(() => null);
    if (answer?.ok !== true) return null;
    const { data } = (await answer.json()) as Targets;
    return data.activeTargets.find(({ labels, health }) => labels.job === job && health === 'up')?.health ?? null;
  });
}
