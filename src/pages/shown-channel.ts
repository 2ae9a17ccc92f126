import type { ChannelKind, EventName } from '../model/notification.ts';
import type { ChannelSummary } from './channel-state.ts';

/** A notification with what it is set to, and the newest of what was sent by it. */
export interface ShownChannel extends ChannelSummary {
  readonly kind: ChannelKind;
  /** Without what may be secret. */
  readonly where: string;
  /** Of mail its addresses, which are none: what the field begins with. */
  readonly whereSet: string;
  readonly events: readonly EventName[];
  /** null: all. */
  readonly envs: readonly string[] | null;
  readonly messages: readonly {
    readonly event: string;
    readonly env: string | null;
    readonly state: string;
    readonly failedAttempts: number;
    readonly lastError: string | null;
    readonly occurredAtMs: number;
    readonly deploymentId: string | null;
  }[];
}

export interface NotificationsPageInput {
  /** null: of the whole installation. */
  readonly project: { readonly id: string; readonly name: string } | null;
  /** Where its forms lead. */
  readonly action: string;
  readonly channels: readonly ShownChannel[];
  readonly canMail: boolean;
  /** Whoever looks may change and test. */
  readonly mayChange: boolean;
  /** What was done, as a sentence; null: nothing. */
  readonly done: string | null;
  /** Why something was refused, as sentences. */
  readonly faults: readonly string[];
  /** Of a webhook, shown this once. */
  readonly secret: string | null;
  readonly nowMs: number;
  readonly stylesheet: string;
}

export const EVENT_WORDS: Record<EventName, string> = {
  rollback_recommended: 'rollback recommended',
  attention: 'attention',
  ok: 'ok',
  insufficient_data: 'not enough data',
  early_rollback: 'early rollback',
  early_not_confirmed: 'early rollback not confirmed',
  late_attention: 'worse since an ok',
  environment_bad: 'an environment gets worse',
  environment_recovered: 'an environment recovers',
  source_failing: 'a source can’t be read',
  source_recovered: 'a source is back',
};

export const KIND_WORDS: Record<ChannelKind, string> = { webhook: 'Webhook', slack: 'Slack', mail: 'Mail' };
