import { describe, expect, it } from 'vitest';
import { delayMs, type Pace, withRetries } from '../../cli/gate/retries.ts';
import { startDeployment } from '../../cli/gate/start.ts';
import { waitForEnd } from '../../cli/gate/wait.ts';
import type { Watched } from '../../client/client.ts';
import { ApiError, UnreachableError } from '../../client/errors.ts';
import type { DeploymentShape } from '../../client/types.ts';

/** A hand-set clock that moves when somebody sleeps, and what was slept. */
function handSetPace(random = 0.5): Pace & { readonly slept: number[]; pass(ms: number): void } {
  let nowMs = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => nowMs,
    pass: (ms) => {
      nowMs += ms;
    },
    sleep: async (ms) => {
      slept.push(ms);
      nowMs += ms;
    },
    random: () => random,
  };
}

const away = () => new UnreachableError('GET /project: nobody answers');
const tooMany = (retryAfter: string) =>
  new ApiError('GET /project', 429, { code: 'RATE_LIMITED', detail: 'Too many.' }, retryAfter);

describe('a request that meets an outage', () => {
  it('waits twice as long each time, at random between half and all of it, ten seconds at the most', () => {
    for (const [attempt, all] of [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000].entries()) {
      expect(delayMs(attempt, null, () => 0)).toBe(all / 2);
      expect(delayMs(attempt, null, () => 1)).toBe(all);
    }
  });

  it('never comes back sooner than the service asked for', () => {
    expect(delayMs(0, 30, () => 0)).toBe(30_000);
    expect(delayMs(0, 30, () => 1)).toBeLessThanOrEqual(33_000);
    expect(delayMs(9, 1, () => 0)).toBe(5_000);
  });

  it('is sent again until it is answered', async () => {
    const pace = handSetPace();
    const told: string[] = [];
    let tries = 0;
    const answer = await withRetries(
      pace,
      { forMs: 20_000, onRetry: ({ message }) => told.push(message) },
      async () => {
        tries += 1;
        if (tries < 4) throw tries === 2 ? tooMany('7') : away();
        return 'answer';
      },
    );
    expect(answer).toBe('answer');
    expect(pace.slept).toHaveLength(3);
    expect(pace.slept[1]).toBeGreaterThanOrEqual(7_000);
    expect(told).toHaveLength(3);
  });

  it('is given up once the next try would begin too late, with what the last one met', async () => {
    const pace = handSetPace();
    await expect(
      withRetries(pace, { forMs: 2_000, onRetry: () => {} }, async () => await Promise.reject(away())),
    ).rejects.toThrow(/nobody answers/);
    expect(pace.now()).toBeLessThanOrEqual(2_000);
  });

  it('is not sent again when it was refused', async () => {
    const pace = handSetPace();
    const refused = new ApiError('GET /project', 401, { code: 'UNAUTHORIZED', detail: 'No.' }, null);
    await expect(
      withRetries(pace, { forMs: 20_000, onRetry: () => {} }, async () => await Promise.reject(refused)),
    ).rejects.toBe(refused);
    expect(pace.slept).toEqual([]);
  });
});

describe('a start that finds another deployment', () => {
  const KEY = 'job 7';
  const start = async (found: Partial<DeploymentShape>) =>
    await startDeployment(
      handSetPace(),
      {
        trigger: async () => ({ deployment_id: '1', status: 'existing', message: 'One is there.' }),
        deployment: async () => ({ idempotency_key: KEY, origin: 'ci', state: 'running', ...found }) as DeploymentShape,
      },
      { env: 'prod', idempotency_key: KEY },
      { retryForMs: 0, onRetry: () => {} },
    );

  it.each<[string, Partial<DeploymentShape>]>([
    ['its own, which runs', {}],
    ['its own, which was found by its version before', { origin: 'detected', state: 'finished' }],
  ])('watches %s', async (_, found) => {
    expect(await start(found)).toMatchObject({ outcome: 'watched', id: '1' });
  });

  it.each<[string, Partial<DeploymentShape>]>([
    ['somebody else’s', { idempotency_key: 'job 8' }],
    ['somebody else’s that was found by its version', { idempotency_key: null, origin: 'detected', state: 'finished' }],
    ['its own, which has ended', { state: 'finished' }],
    ['its own, which was found and judged', { origin: 'detected', state: 'analyzed' }],
  ])('watches nothing where it is %s', async (_, found) => {
    expect(await start(found)).toEqual({ outcome: 'unwatched', reason: 'One is there.' });
  });
});

describe('a wait', () => {
  const SERVER_START_MS = Date.parse('2026-05-04T10:00:00Z');
  const DUE_MS = 400_000;

  /** A service whose verdict is there after `endsMs`, behind a proxy that cuts what takes longer than `cutMs`. */
  function watching(
    pace: ReturnType<typeof handSetPace>,
    {
      endsMs,
      earlyMs = Number.POSITIVE_INFINITY,
      cutMs = Number.POSITIVE_INFINITY,
    }: { endsMs: number; earlyMs?: number; cutMs?: number },
  ) {
    const asked: number[] = [];
    const ask = async (seconds: number): Promise<Watched> => {
      asked.push(seconds);
      const takesMs = Math.max(0, Math.min(seconds * 1000, Math.min(endsMs, earlyMs) - pace.now()));
      if (takesMs > cutMs) {
        pace.pass(cutMs);
        throw new ApiError('GET /deployments/1', 504, null, null);
      }
      pace.pass(takesMs);
      const state = pace.now() >= endsMs ? 'analyzed' : 'finished';
      const verdictDue = new Date(SERVER_START_MS + DUE_MS).toISOString();
      const preliminary = pace.now() >= earlyMs ? { verdict: 'rollback_recommended' } : null;
      const deployment = { id: '1', state, verdict_due_at: verdictDue, preliminary } as unknown as DeploymentShape;
      return { deployment, serverTimeMs: SERVER_START_MS + pace.now() };
    };
    return { ask, asked };
  }
  const options = { timeoutMs: null, endsEarly: true, retryForMs: 120_000, onNews: () => {}, onRetry: () => {} };

  it('asks about once a minute, and is over when the verdict is there', async () => {
    const pace = handSetPace();
    const { ask, asked } = watching(pace, { endsMs: 310_000 });
    expect(await waitForEnd(pace, ask, options)).toMatchObject({ outcome: 'ended' });
    expect(pace.now()).toBe(310_000);
    expect(asked).toEqual([0, 55, 55, 55, 55, 55, 55]);
    expect(pace.slept).toEqual([]);
  });

  it('is over at an early verdict, unless it is to wait for the final one', async () => {
    const pace = handSetPace();
    const { ask } = watching(pace, { endsMs: 310_000, earlyMs: 70_000 });
    expect(await waitForEnd(pace, ask, options)).toMatchObject({
      outcome: 'early',
      preliminary: { verdict: 'rollback_recommended' },
    });
    expect(pace.now()).toBe(70_000);
    const patient = handSetPace();
    const final = watching(patient, { endsMs: 310_000, earlyMs: 310_000 });
    expect(await waitForEnd(patient, final.ask, { ...options, endsEarly: false })).toMatchObject({ outcome: 'ended' });
  });

  it('says at once how it stands, before it waits', async () => {
    const pace = handSetPace();
    const { ask } = watching(pace, { endsMs: 310_000 });
    const saidAtMs: number[] = [];
    const onNews = (_: unknown, dueInMs: number | null) => {
      saidAtMs.push(pace.now());
      expect(dueInMs).toBe(DUE_MS - pace.now());
    };
    await waitForEnd(pace, ask, { ...options, onNews });
    expect(saidAtMs.slice(0, 2)).toEqual([0, 55_000]);
  });

  it('asks for less where a proxy cuts earlier, and goes on', async () => {
    const pace = handSetPace();
    const { ask, asked } = watching(pace, { endsMs: 200_000, cutMs: 30_000 });
    expect(await waitForEnd(pace, ask, options)).toMatchObject({ outcome: 'ended' });
    expect(asked.slice(0, 2)).toEqual([0, 55]);
    expect(asked.slice(2).every((seconds) => seconds === 24)).toBe(true);
  });

  it('ends two minutes after the verdict was due, by the service’s clock', async () => {
    const pace = handSetPace();
    const { ask } = watching(pace, { endsMs: Number.POSITIVE_INFINITY });
    const ended = await waitForEnd(pace, ask, options);
    expect(ended).toMatchObject({ outcome: 'late', deployment: { id: '1' } });
    expect(pace.now()).toBeGreaterThan(DUE_MS + 119_000);
    expect(pace.now()).toBeLessThanOrEqual(DUE_MS + 121_000);
  });

  it('is a fault once the service has been away for too long', async () => {
    const pace = handSetPace();
    const ended = await waitForEnd(pace, async () => await Promise.reject(away()), { ...options, retryForMs: 60_000 });
    expect(ended).toMatchObject({ outcome: 'fault', fault: { kind: 'away' } });
    expect(pace.now()).toBeLessThanOrEqual(60_000);
  });
});
