import type { ChannelTarget } from '../../model/notification.ts';
import type { Network } from '../../sources/http/visit.ts';
import type { Message } from '../message.ts';
import type { Notifier } from '../notifier.ts';
import { webhookHeaders } from '../signature.ts';
import { postJson } from './post.ts';

type Target = Extract<ChannelTarget, { readonly kind: 'webhook' }>;

/** Standard Webhooks 1.0. `now`: epoch milliseconds. */
export function createWebhook(deps: { readonly network: Network; readonly now: () => number }): Notifier<Target> {
  return {
    render: renderWebhook,
    notify: async ({ id, body, target, signal }) =>
      await postJson(deps.network, {
        url: target.url,
        body,
        headers: webhookHeaders({ id: webhookId(id), body, secrets: target.secrets, atMs: deps.now() }),
        signal,
      }),
  };
}

/** Without a point, which the signed text is joined by. */
export function webhookId(messageId: string): string {
  return `msg_${messageId.replaceAll('-', '')}`;
}

export function renderWebhook(message: Message): string {
  return JSON.stringify({
    type: message.type,
    timestamp: message.occurredAt.toISOString(),
    data: { event: message.event, title: message.title, text: message.sentence, ...message.data },
  });
}
