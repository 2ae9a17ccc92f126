/** Ways to people. One file each in src/notify/channels/. */
export const CHANNEL_KINDS = ['webhook', 'slack', 'mail'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

/**
 * What a channel can be told of: verdicts by their names, a rollback that is recommended before the window is over
 * (`early_rollback`) and that the verdict then did not confirm, and what changes between deployments. `environment_bad`: its
 * level was good until this deployment; `environment_recovered`: an ok verdict after a bad one (baseline/level.ts).
 */
export const EVENTS = [
  'rollback_recommended',
  'attention',
  'ok',
  'insufficient_data',
  'early_rollback',
  'early_not_confirmed',
  'late_attention',
  'environment_bad',
  'environment_recovered',
  'source_failing',
  'source_recovered',
] as const;
export type EventName = (typeof EVENTS)[number];

/** What an operator asked to see arrive. */
export type MessageEvent = EventName | 'test';

export const DEFAULT_EVENTS: readonly EventName[] = [
  'rollback_recommended',
  'attention',
  'early_rollback',
  'early_not_confirmed',
  'late_attention',
  'environment_bad',
  'environment_recovered',
  'source_failing',
  'source_recovered',
];

/** What one attempt to send came to: the label values of seqpulse_notifications_total. */
export const SENDING_OUTCOMES = ['delivered', 'failed', 'given_up'] as const;
export type SendingOutcome = (typeof SENDING_OUTCOMES)[number];

/** waiting ── an attempt succeeded ──▶ delivered; ── no try is left, or nobody is there any more ──▶ given_up */
export type MessageState = 'waiting' | 'delivered' | 'given_up';

/** Where a channel leads, as it is sealed: all of it may hold a secret. One shape a kind. */
export type ChannelTarget =
  | { readonly kind: 'webhook'; readonly url: string; readonly secrets: readonly SigningSecret[] }
  | { readonly kind: 'slack'; readonly url: string }
  | { readonly kind: 'mail'; readonly to: readonly string[] };

/** `whsec_` and base64. The newest first. */
export interface SigningSecret {
  readonly secret: string;
  /** Epoch milliseconds from which on it is signed with no more; null: the one of now. */
  readonly untilMs: number | null;
}

export interface Channel {
  readonly id: string;
  /** null: of the installation, told of every project. */
  readonly projectId: string | null;
  readonly kind: ChannelKind;
  readonly name: string;
  readonly events: readonly EventName[];
  /** null: all. */
  readonly envs: readonly string[] | null;
  readonly enabled: boolean;
  readonly sealedTarget: Buffer;
  readonly createdAt: Date;
  readonly lastDeliveredAt: Date | null;
  /** Since when no attempt has succeeded; null: the last one did. */
  readonly failingSince: Date | null;
  readonly lastError: string | null;
}

/** What happened, as it is stored in the transaction that made it happen. */
export interface Occurrence {
  /** null: of no project, a test of an installation's channel. */
  readonly projectId: string | null;
  readonly env: string | null;
  readonly deploymentId: string | null;
  /** What it counts as, what tells most first: a channel is told once, of the first that it wants. */
  readonly events: readonly EventName[];
  readonly facts: OccurrenceFacts;
  readonly at: Date;
}

/** What can't be read from the tables later. */
export interface OccurrenceFacts {
  /** How the environment stands after it; left out: not known. */
  readonly environment?: { readonly state: 'good' | 'bad'; readonly changed: boolean };
  /** Why a source can't be read, and since when (RFC 3339). */
  readonly source?: { readonly reason: string; readonly since: string };
}

/** A message on its way to one channel. */
export interface OutboxMessage {
  readonly id: string;
  readonly channelId: string;
  readonly projectId: string | null;
  readonly env: string | null;
  readonly deploymentId: string | null;
  readonly event: MessageEvent;
  readonly facts: OccurrenceFacts;
  readonly occurredAt: Date;
  /** Attempts that failed. */
  readonly attempts: number;
  /** What is sent, as it was made for the first attempt; null: there was none yet. */
  readonly body: string | null;
}

/** A message as operators see it. */
export interface MessageView {
  readonly id: string;
  readonly event: MessageEvent;
  readonly env: string | null;
  readonly deploymentId: string | null;
  readonly state: MessageState;
  readonly summary: string | null;
  readonly attempts: number;
  readonly occurredAt: Date;
  /** Of a waiting one, when it is tried next. */
  readonly dueAt: Date;
  readonly endedAt: Date | null;
  readonly lastError: string | null;
}
