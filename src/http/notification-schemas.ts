import { z } from 'zod';
import { DEFAULT_EVENTS, EVENTS } from '../model/notification.ts';
import { endpointUrl, envName, named, optional } from './schemas.ts';

const events = z
  .array(z.enum(EVENTS, { error: `must be among ${EVENTS.join(', ')}` }))
  .min(1)
  .max(EVENTS.length)
  .transform((names) => [...new Set(names)]);
/** null: all. */
const envs = z.array(envName).min(1).max(100).nullable();
const recipients = z.array(z.email().max(254)).min(1).max(20);
const name = named(120);

const common = {
  name: optional(name),
  events: events.default([...DEFAULT_EVENTS]),
  envs: envs.default(null),
  enabled: z.boolean({ error: 'must be true or false' }).default(true),
};

export const newChannelBody = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('webhook'), url: endpointUrl, ...common }),
    z.object({ type: z.literal('slack'), url: endpointUrl, ...common }),
    z.object({ type: z.literal('mail'), to: recipients, ...common }),
  ],
  { error: 'must be webhook, slack or mail' },
);

export const channelChangeBody = z.object({
  name: name.optional(),
  events: events.optional(),
  envs: envs.optional(),
  enabled: z.boolean({ error: 'must be true or false' }).optional(),
  url: endpointUrl.optional(),
  to: recipients.optional(),
});
