import type { ChannelTarget, MessageView, SigningSecret } from '../model/notification.ts';
import type { OpenedChannel } from '../notify/administer.ts';

const time = (date: Date | null): string | null => date?.toISOString() ?? null;

/** Of an address only what can hold no secret: a query may, and in Slack's the path does. */
export function showChannel({ channel, target }: OpenedChannel, nowMs: number): object {
  return {
    id: channel.id,
    type: channel.kind,
    name: channel.name,
    ...showTarget(target, nowMs),
    events: channel.events,
    envs: channel.envs,
    enabled: channel.enabled,
    created_at: time(channel.createdAt),
    last_delivered_at: time(channel.lastDeliveredAt),
    failing_since: time(channel.failingSince),
    last_error: channel.lastError,
  };
}

function showTarget(target: ChannelTarget, nowMs: number): object {
  if (target.kind === 'mail') return { to: target.to };
  const { origin, pathname, search } = new URL(target.url);
  if (target.kind === 'slack') return { url: `${origin}/…` };
  return {
    url: `${origin}${pathname}${search === '' ? '' : '?…'}`,
    old_secret_until: oldSecretUntil(target.secrets, nowMs),
  };
}

/** Until when what is sent is signed with two secrets; null: with one. */
function oldSecretUntil(secrets: readonly SigningSecret[], nowMs: number): string | null {
  const ends = secrets.map(({ untilMs }) => untilMs ?? 0).filter((untilMs) => untilMs > nowMs);
  return ends.length === 0 ? null : new Date(Math.max(...ends)).toISOString();
}

export function showMessage(message: MessageView): object {
  const isWaiting = message.state === 'waiting';
  return {
    id: message.id,
    event: message.event,
    env: message.env,
    deployment_id: message.deploymentId,
    state: message.state,
    text: message.summary,
    failed_attempts: message.attempts,
    last_error: message.lastError,
    occurred_at: time(message.occurredAt),
    next_attempt_at: isWaiting ? time(message.dueAt) : null,
    ended_at: time(message.endedAt),
  };
}
