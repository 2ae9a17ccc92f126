import type { Channel, OutboxMessage } from '../model/notification.ts';
import { errorCode } from '../model/start-error.ts';
import type { NotifyDeps } from './deps.ts';
import { type Message, messageOfDeployment, messageOfSource, type Place, testMessage } from './message.ts';
import { type Attempt, failedAttempt, type Notifier } from './notifier.ts';
import { nextAttemptAt } from './retry.ts';
import { openTarget } from './target.ts';

const NOTHING_LEFT = failedAttempt('what it tells of has been deleted');

/**
 * One attempt to send a message that the caller has claimed, and what comes of it, stored: ended, or due again. What is
 * sent was made before the first attempt and is the same at every other one, also of another process: whoever dies between
 * sending and storing makes a repetition that its receiver knows by its id. Rejects with `signal`'s reason; the claim then
 * stands.
 *
 * @param once a failure is the end: there is somebody who waits for it. It is no message that was lost.
 */
export async function deliver(
  deps: NotifyDeps,
  message: OutboxMessage,
  channel: Channel,
  signal: AbortSignal,
  once = false,
): Promise<Attempt> {
  const attempt = await attemptOf(deps, message, channel, signal);
  const nowMs = deps.now();
  const at = new Date(nowMs);
  const log = { message_id: message.id, channel_id: channel.id, channel: channel.kind, occasion: message.event };
  if (attempt.outcome === 'delivered') {
    await deps.db.outbox.end({ id: message.id, state: 'delivered', at, error: null });
    await deps.db.channels.noteDelivered(channel.id, at);
    deps.telemetry.notificationAttempted({ channel: channel.kind, outcome: 'delivered' });
    deps.log.info({ event: 'notification_delivered', ...log }, 'message delivered');
    return attempt;
  }
  const { reason, isGone, retryAfterSeconds } = attempt;
  if (attempt === NOTHING_LEFT) {
    await deps.db.outbox.end({ id: message.id, state: 'given_up', at, error: reason });
    return attempt;
  }
  const nextMs = once || isGone ? null : nextAttemptAt(message.attempts, nowMs, retryAfterSeconds);
  if (nextMs === null) await deps.db.outbox.end({ id: message.id, state: 'given_up', at, error: reason });
  else await deps.db.outbox.postpone(message.id, new Date(nextMs), reason);
  if (isGone) await switchOff(deps, channel.id, at, reason);
  else await deps.db.channels.noteFailed(channel.id, at, reason);
  deps.telemetry.notificationAttempted({
    channel: channel.kind,
    outcome: nextMs === null && !once ? 'given_up' : 'failed',
  });
  const failure = { event: nextMs === null ? 'notification_given_up' : 'notification_failed', ...log, reason };
  deps.log[nextMs === null ? 'error' : 'warn'](
    failure,
    nextMs === null ? 'message given up' : 'message not delivered yet',
  );
  return attempt;
}

/** What else waits for it would meet the same answer. */
async function switchOff(deps: NotifyDeps, channelId: string, at: Date, reason: string): Promise<void> {
  await deps.db.transaction(async (tx) => {
    await tx.channels.switchOff(channelId, at, reason);
    await tx.outbox.giveUpAllOf(channelId, at, reason);
  });
}

async function attemptOf(
  deps: NotifyDeps,
  message: OutboxMessage,
  channel: Channel,
  signal: AbortSignal,
): Promise<Attempt> {
  try {
    const target = openTarget(deps.secretBox, channel);
    // Which target belongs to which notifier is what their common kind says.
    const notifier = deps.notifiers[target.kind] as Notifier<typeof target>;
    const body = message.body ?? (await makeBody(deps, message, notifier));
    if (body === null) return NOTHING_LEFT;
    return await notifier.notify({ id: message.id, occurredAt: message.occurredAt, body, target, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    deps.log.error(
      { event: 'notification_error', message_id: message.id, err: error },
      'sending failed inside SeqPulse',
    );
    return failedAttempt(`it could not be sent: a fault inside SeqPulse ${errorCode(error)}`.trimEnd());
  }
}

/** Made once and kept; null when there is nothing to tell any more. */
async function makeBody(
  deps: NotifyDeps,
  message: OutboxMessage,
  notifier: Pick<Notifier<never>, 'render'>,
): Promise<string | null> {
  const told = await composed(deps, message);
  if (told === null) return null;
  return await deps.db.outbox.keepBody(message.id, notifier.render(told), `${told.title}: ${told.sentence}`);
}

async function composed(deps: NotifyDeps, message: OutboxMessage): Promise<Message | null> {
  const { projectId, env, event, deploymentId } = message;
  const project = projectId === null ? null : await deps.db.projects.find(projectId);
  if (projectId !== null && project === null) return null;
  const place: Place = { project: project === null ? null : { id: project.id, name: project.name }, env };
  if (event === 'test') return testMessage(message, place);
  if (deploymentId === null) return messageOfSource(message, place);
  const told = await deps.readDeployment(deploymentId);
  return told === null ? null : messageOfDeployment(message, place, told);
}
