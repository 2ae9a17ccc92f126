import type { Tables } from '../db/database.ts';
import type { Channel, ChannelKind, ChannelTarget, EventName } from '../model/notification.ts';
import { isRefusal, type Refusal, refuse } from '../model/refusal.ts';
import { deliver } from './deliver.ts';
import type { ChannelDeps } from './deps.ts';
import { CLAIM_MS } from './sender.ts';
import { inForce, newSigningSecret } from './signature.ts';
import { openTarget, sealTarget } from './target.ts';

/** Where a channel is to lead, as an operator says it. */
export type NewTarget =
  | { readonly kind: 'webhook'; readonly url: string }
  | { readonly kind: 'slack'; readonly url: string }
  | { readonly kind: 'mail'; readonly to: readonly string[] };

export interface NewChannel {
  readonly name: string | null;
  readonly target: NewTarget;
  readonly events: readonly EventName[];
  readonly envs: readonly string[] | null;
  readonly enabled: boolean;
}

/** Absent: as it was. */
export interface ChannelChange {
  readonly name?: string | undefined;
  readonly events?: readonly EventName[] | undefined;
  readonly envs?: readonly string[] | null | undefined;
  readonly enabled?: boolean | undefined;
  readonly url?: string | undefined;
  readonly to?: readonly string[] | undefined;
}

/** A channel with where it leads. */
export interface OpenedChannel {
  readonly channel: Channel;
  readonly target: ChannelTarget;
}

const NO_CHANNEL = refuse('NOT_FOUND', 'There is no such notification.');
const NO_PROJECT = refuse('NOT_FOUND', 'There is no such project.');
const NO_MAIL_SERVER = refuse(
  'MAIL_NOT_SET_UP',
  'There is no server to send mail through: set SEQPULSE_SMTP_URL and SEQPULSE_MAIL_FROM.',
);
const SWITCHED_OFF = 'its channel was switched off';

/** A channel of a project, or (`projectId` null) of the installation. Of a webhook also its secret, shown this once. */
export async function createChannel(
  deps: ChannelDeps,
  projectId: string | null,
  input: NewChannel,
): Promise<(OpenedChannel & { readonly secret: string | null }) | Refusal> {
  if (projectId !== null && (await deps.db.projects.find(projectId)) === null) return NO_PROJECT;
  const { kind } = input.target;
  if (kind === 'mail' && !deps.canMail) return NO_MAIL_SERVER;
  const id = deps.newId();
  const secret = kind === 'webhook' ? newSigningSecret(deps.randomHex) : null;
  const target = targetOf(input.target, secret);
  const channel: Channel = {
    id,
    projectId,
    kind,
    name: input.name ?? nameOf(input.target),
    events: input.events,
    envs: input.envs,
    enabled: input.enabled,
    sealedTarget: sealTarget(deps.secretBox, id, target),
    createdAt: new Date(deps.now()),
    lastDeliveredAt: null,
    failingSince: null,
    lastError: null,
  };
  await deps.db.channels.insert(channel);
  deps.log.info(
    { event: 'notification_created', channel_id: id, channel: kind, project_id: projectId },
    'channel set up',
  );
  return { channel, target, secret };
}

/** With how it was before. Refuses with NOT_FOUND, or WRONG_CHANNEL_TYPE when `url` or `to` is no part of this kind. */
export async function changeChannel(
  deps: ChannelDeps,
  projectId: string | null,
  id: string,
  change: ChannelChange,
): Promise<(OpenedChannel & { readonly before: Channel }) | Refusal> {
  return await inChannel(deps, projectId, id, async (tx, { channel, target }) => {
    const led = changedTarget(target, change);
    if (isRefusal(led)) return led;
    const changed: Channel = {
      ...channel,
      name: change.name ?? channel.name,
      events: change.events ?? channel.events,
      envs: change.envs === undefined ? channel.envs : change.envs,
      enabled: change.enabled ?? channel.enabled,
      sealedTarget: sealTarget(deps.secretBox, id, led),
    };
    await tx.channels.update(changed);
    if (!changed.enabled) await tx.outbox.giveUpAllOf(id, new Date(deps.now()), SWITCHED_OFF);
    return { channel: changed, target: led, before: channel };
  });
}

/** Another secret of a webhook, shown this once; what is sent is signed with both until the old one's hours are over. */
export async function rotateSecret(
  deps: ChannelDeps,
  projectId: string | null,
  id: string,
  keepOldHours: number,
): Promise<(OpenedChannel & { readonly secret: string }) | Refusal> {
  const secret = newSigningSecret(deps.randomHex);
  return await inChannel(deps, projectId, id, async (tx, { channel, target }) => {
    if (target.kind !== 'webhook') return refuse('WRONG_CHANNEL_TYPE', 'Only webhooks are signed.');
    const nowMs = deps.now();
    const untilMs = nowMs + keepOldHours * 3_600_000;
    const old = target.secrets.map((one) => ({ ...one, untilMs: Math.min(one.untilMs ?? untilMs, untilMs) }));
    const led: ChannelTarget = { ...target, secrets: [{ secret, untilMs: null }, ...inForce(old, nowMs)] };
    const changed = { ...channel, sealedTarget: sealTarget(deps.secretBox, id, led) };
    await tx.channels.update(changed);
    return { channel: changed, target: led, secret };
  });
}

/** How it was. */
export async function removeChannel(
  deps: ChannelDeps,
  projectId: string | null,
  id: string,
): Promise<Channel | Refusal> {
  const removed = await deps.db.transaction(async (tx) => await tx.channels.remove(projectId, id));
  if (removed === null) return NO_CHANNEL;
  deps.log.info({ event: 'notification_removed', channel_id: id, project_id: projectId }, 'channel removed');
  return removed;
}

/** Sends a message that says that it is a test, now and once. It is among the deliveries, whatever came of it. */
export async function testChannel(
  deps: ChannelDeps,
  projectId: string | null,
  id: string,
): Promise<{ readonly messageId: string } | Refusal> {
  const channel = await deps.db.channels.find(projectId, id);
  if (channel === null) return NO_CHANNEL;
  const at = new Date(deps.now());
  const until = new Date(at.getTime() + CLAIM_MS);
  const message = await deps.db.outbox.addTest({ id: deps.newId(), channelId: id, projectId, at, until });
  const attempt = await deliver(deps, message, channel, new AbortController().signal, true);
  if (attempt.outcome === 'delivered') return { messageId: message.id };
  return refuse('NOTIFICATION_TEST_FAILED', `The test was not delivered: ${attempt.reason}.`);
}

export async function openChannel(
  deps: ChannelDeps,
  projectId: string | null,
  id: string,
): Promise<OpenedChannel | Refusal> {
  const channel = await deps.db.channels.find(projectId, id);
  return channel === null ? NO_CHANNEL : { channel, target: openTarget(deps.secretBox, channel) };
}

async function inChannel<Result extends object>(
  deps: ChannelDeps,
  projectId: string | null,
  id: string,
  work: (tx: Tables, opened: OpenedChannel) => Promise<Result | Refusal>,
): Promise<Result | Refusal> {
  return await deps.db.transaction(async (tx) => {
    const channel = await tx.channels.lock(projectId, id);
    return channel === null ? NO_CHANNEL : await work(tx, { channel, target: openTarget(deps.secretBox, channel) });
  });
}

function targetOf(target: NewTarget, secret: string | null): ChannelTarget {
  return target.kind === 'webhook'
    ? { ...target, secrets: secret === null ? [] : [{ secret, untilMs: null }] }
    : target;
}

function changedTarget(target: ChannelTarget, { url, to }: ChannelChange): ChannelTarget | Refusal {
  const wrong = target.kind === 'mail' ? (url === undefined ? null : 'url') : to === undefined ? null : 'to';
  if (wrong !== null) {
    return refuse('WRONG_CHANNEL_TYPE', `A notification of type ${target.kind} has no ${wrong}.`);
  }
  return target.kind === 'mail' ? { ...target, to: to ?? target.to } : { ...target, url: url ?? target.url };
}

/** What tells it apart in a list, without anything secret. */
function nameOf(target: NewTarget): string {
  const words: Record<ChannelKind, string> = { webhook: 'Webhook', slack: 'Slack', mail: 'Mail' };
  const where = target.kind === 'mail' ? (target.to[0] ?? '') : new URL(target.url).host;
  return `${words[target.kind]} ${where}`.slice(0, 120);
}
