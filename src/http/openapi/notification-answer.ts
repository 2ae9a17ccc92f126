import { z } from 'zod';
import { CHANNEL_KINDS, EVENTS } from '../../model/notification.ts';
import { count, page, said, time, uuid } from './common.ts';

const channelFields = {
  id: uuid,
  type: z.enum(CHANNEL_KINDS),
  name: z.string(),
  url: said(z.string().optional(), 'Of a webhook without its query, of Slack without its path: they may be secret.'),
  to: said(z.array(z.string()).optional(), 'Of mail.'),
  old_secret_until: said(
    time.nullable().optional(),
    'Of a webhook: until when what is sent is signed with the secret before too; null: with one.',
  ),
  events: said(z.array(z.enum(EVENTS)), 'What it is told of.'),
  envs: said(z.array(z.string()).nullable(), 'null: all environments.'),
  enabled: z.boolean(),
  created_at: time,
  last_delivered_at: said(time.nullable(), 'null: nothing was yet.'),
  failing_since: said(time.nullable(), 'Since when no attempt has succeeded; null: the last one did.'),
  last_error: said(z.string().nullable(), 'Why the last attempt failed; null: it did not.'),
};

export const channel = z.object(channelFields).meta({ id: 'Notification' });
export const newChannel = z
  .object({
    ...channelFields,
    secret: said(z.string().optional(), 'Of a webhook, shown this once: `whsec_` and base64.'),
  })
  .meta({ id: 'NewNotification' });
export const channels = page(channel).meta({ id: 'Notifications' });

export const tested = z.object({
  delivered: z.literal(true),
  message_id: said(uuid, 'Of the delivery.'),
});

const delivery = z
  .object({
    id: said(
      uuid,
      'Also what receivers tell repetitions by: `webhook-id` is `msg_` and these digits, `Message-ID` holds it.',
    ),
    event: z.enum([...EVENTS, 'test']),
    env: z.string().nullable(),
    deployment_id: uuid.nullable(),
    state: said(z.enum(['waiting', 'delivered', 'given_up']), 'Waiting ones are tried again.'),
    text: said(z.string().nullable(), 'What it says, one sentence; null: it has not been tried yet.'),
    failed_attempts: count,
    last_error: z.string().nullable(),
    occurred_at: time,
    next_attempt_at: said(time.nullable(), 'null: it has ended.'),
    ended_at: said(time.nullable(), 'null: it waits.'),
  })
  .meta({ id: 'Delivery' });
export const deliveries = page(delivery).meta({ id: 'Deliveries' });
