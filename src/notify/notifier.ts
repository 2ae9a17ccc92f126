import type { ChannelTarget } from '../model/notification.ts';
import type { Message } from './message.ts';

/** What is handed over for one attempt. */
export interface Parcel<Target> {
  /** The same at every attempt: what a receiver tells a repetition by. */
  readonly id: string;
  readonly occurredAt: Date;
  /** As `render` made it, the same at every attempt. */
  readonly body: string;
  readonly target: Target;
  readonly signal: AbortSignal;
}

/** What came of one attempt. Expected failures are data. */
export type Attempt =
  | { readonly outcome: 'delivered' }
  | {
      readonly outcome: 'failed';
      /** One clause for operators ("answered 503"), without addresses and secrets. */
      readonly reason: string;
      /** What the receiver asked for; null: nothing. */
      readonly retryAfterSeconds: number | null;
      /** The receiver says that it will never take anything again. */
      readonly isGone: boolean;
    };

/**
 * One way to people. What is told when, to whom, how often it is tried and that it is told once are stages around it
 * (deliver.ts, sender.ts). Rejects only with `signal`'s reason, or on a mistake of ours.
 */
export type Notify<Target> = (parcel: Parcel<Target>) => Promise<Attempt>;

export interface Notifier<Target> {
  /** The message as this channel sends it. Called once a message: what it makes is kept. */
  readonly render: (message: Message) => string;
  readonly notify: Notify<Target>;
}

export type Notifiers = {
  readonly [Kind in ChannelTarget['kind']]: Notifier<Extract<ChannelTarget, { readonly kind: Kind }>>;
};

export function failedAttempt(
  reason: string,
  { retryAfterSeconds = null, isGone = false }: { retryAfterSeconds?: number | null; isGone?: boolean } = {},
): Attempt {
  return { outcome: 'failed', reason, retryAfterSeconds, isGone };
}
