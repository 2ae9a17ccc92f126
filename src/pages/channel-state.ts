import { ago } from '../report/times.ts';

/** How a notification stands. */
export interface ChannelSummary {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly lastDeliveredAtMs: number | null;
  /** null: the last attempt came through. */
  readonly failingSinceMs: number | null;
  readonly lastError: string | null;
}

/** A tone and what to say: what fails is said with its error, until something comes through. */
export function channelState(channel: ChannelSummary, nowMs: number): { tone: 'ok' | 'at' | 'no'; text: string } {
  const { enabled, failingSinceMs, lastError, lastDeliveredAtMs } = channel;
  if (failingSinceMs !== null) {
    const off = enabled ? '' : 'switched off, ';
    return {
      tone: 'at',
      text: `${off}failing since ${ago(failingSinceMs, nowMs)}: ${lastError ?? 'no reason is known'}`,
    };
  }
  if (!enabled) return { tone: 'no', text: 'switched off' };
  return lastDeliveredAtMs === null
    ? { tone: 'no', text: 'nothing was delivered yet' }
    : { tone: 'ok', text: `delivered ${ago(lastDeliveredAtMs, nowMs)}` };
}
