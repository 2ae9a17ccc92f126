import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../../client/client.ts';
import type { Answer } from '../../client/request.ts';

/** One deployment as its CI knows it. Times: epoch ms. */
export interface Lifecycle {
  readonly apiKey: string;
  readonly env: string;
  readonly key: string;
  /** When it begins, ms after the run's. */
  readonly startsMs: number;
  /** Between trigger and finish. */
  readonly deploysMs: number;
  triggerSentMs: number | null;
  triggeredMs: number | null;
  id: string | null;
  finishedMs: number | null;
  /** The first verdict that was seen, as it was sent. */
  seen: string | null;
  /** What must never be. */
  readonly wrong: string[];
}

/** One of which nothing has happened yet. */
export function plannedLifecycle(
  plan: Pick<Lifecycle, 'apiKey' | 'env' | 'key' | 'startsMs' | 'deploysMs'>,
): Lifecycle {
  return { ...plan, triggerSentMs: null, triggeredMs: null, id: null, finishedMs: null, seen: null, wrong: [] };
}

export interface Traffic {
  /** Answers by status; 0: nobody answered in time. */
  readonly statuses: Map<number, number>;
  /** Seconds of every answered trigger. */
  readonly triggerSeconds: number[];
}

/** Like the published client: four seconds a try, then the next one a moment later. */
const TRY_MS = 4_000;
const PAUSE_MS = 500;
const GIVES_UP_MS = 90_000;
const LOOK_MS = 2_000;

/** Lives one lifecycle through and goes on looking at its verdict until `stop`. Never rejects. */
export async function live(
  one: Lifecycle,
  input: { readonly urls: readonly string[]; readonly traffic: Traffic; readonly stop: AbortSignal },
): Promise<void> {
  const { urls, traffic, stop } = input;
  let next = one.startsMs;
  const headers = { 'X-API-Key': one.apiKey };

  /** The next replica, as a load balancer without health checks would choose; null: nobody answered. */
  async function ask(method: string, path: string, body?: object): Promise<Answer | null> {
    const url = urls[Math.floor(next++) % urls.length] ?? '';
    try {
      const answer = await createClient({ url, timeoutMs: TRY_MS }).send(method, path, {
        headers,
        ...(body === undefined ? {} : { body }),
      });
      count(answer.status);
      if (answer.status === 500) one.wrong.push(`${method} ${path}: 500 ${JSON.stringify(answer.body)}`);
      return answer;
    } catch {
      count(0);
      return null;
    }
  }
  const count = (status: number) => traffic.statuses.set(status, (traffic.statuses.get(status) ?? 0) + 1);

  async function insist(path: string, body: object): Promise<Answer | null> {
    const untilMs = performance.now() + GIVES_UP_MS;
    while (performance.now() < untilMs && !stop.aborted) {
      const answer = await ask('POST', path, body);
      if (answer !== null && answer.status < 500 && answer.status !== 429) return answer;
      await sleep(PAUSE_MS);
    }
    return null;
  }

  one.triggerSentMs = Date.now();
  const sentAt = performance.now();
  const triggered = await insist('/deployments/trigger', { env: one.env, idempotency_key: one.key, branch: 'main' });
  if (triggered === null) return;
  traffic.triggerSeconds.push((performance.now() - sentAt) / 1000);
  if (triggered.status !== 200) {
    one.wrong.push(`trigger: ${triggered.status} ${JSON.stringify(triggered.body)}`);
    return;
  }
  one.triggeredMs = Date.now();
  one.id = triggered.body.deployment_id;
  await sleep(one.deploysMs);
  const finished = await insist('/deployments/finish', { deployment_id: one.id, result: 'success' });
  if (finished === null) return;
  if (finished.status >= 300 || finished.body.status === 'not_found') {
    one.wrong.push(`finish: ${finished.status} ${JSON.stringify(finished.body)}`);
    return;
  }
  one.finishedMs = Date.now();
  while (!stop.aborted) {
    await sleep(LOOK_MS, null, { signal: stop }).catch(() => {});
    const answer = await ask('GET', `/deployments/${one.id}`);
    if (answer?.status !== 200) continue;
    const { verdict, analyzed_at } = answer.body;
    const shown = verdict === null ? null : JSON.stringify({ analyzed_at, verdict });
    if (one.seen === null) one.seen = shown;
    else if (shown !== one.seen) one.wrong.push(`a verdict that was seen changed: ${one.seen} → ${shown}`);
  }
}
