import type { z } from 'zod';
import {
  changeChannel,
  createChannel,
  openChannel,
  removeChannel,
  rotateSecret,
  testChannel,
} from '../../notify/administer.ts';
import { openTarget } from '../../notify/target.ts';
import { TOO_MANY_TESTS } from '../../projects/endpoints.ts';
import type { HttpDeps } from '../deps.ts';
import type { channelChangeBody, newChannelBody } from '../notification-schemas.ts';
import { showChannel, showMessage } from '../notification-views.ts';
import { noSuchProject, orThrow, pathId } from '../outcome.ts';
import { decodeCursor, toPage } from '../pagination.ts';
import type { ParsedRequest, Reply } from '../request.ts';
import type { pageQuery, rotateKeyBody } from '../schemas.ts';

type Params = Readonly<Record<string, string>>;
type Plain = ParsedRequest<undefined, undefined>;
type WithBody<Schema extends z.ZodType> = ParsedRequest<z.output<Schema>, undefined>;
type Paged = ParsedRequest<undefined, z.output<typeof pageQuery>>;

/** The project in the path; null: the routes of the installation. */
const ownerOf = (params: Params): string | null => (params.id === undefined ? null : pathId(params, 'project'));
const channelOf = (params: Params): string => pathId(params, 'notification', 'notification_id');

export async function listChannels(deps: HttpDeps, request: Paged): Promise<Reply> {
  const { notifications } = deps;
  const owner = ownerOf(request.params);
  if (owner !== null && (await notifications.db.projects.find(owner)) === null) throw noSuchProject();
  const { limit, cursor } = request.query;
  const found = await notifications.db.channels.listOf(owner, { limit: limit + 1, after: decodeCursor(cursor) });
  const page = toPage(
    found,
    limit,
    ({ createdAt, id }) => ({ at: createdAt, id }),
    (channel) => showChannel({ channel, target: openTarget(notifications.secretBox, channel) }, notifications.now()),
  );
  return { status: 200, body: page };
}

export async function postChannel(deps: HttpDeps, request: WithBody<typeof newChannelBody>): Promise<Reply> {
  const { body } = request;
  const { name, events, envs, enabled } = body;
  const target = body.type === 'mail' ? { kind: body.type, to: body.to } : { kind: body.type, url: body.url };
  const created = orThrow(
    await createChannel(deps.notifications, ownerOf(request.params), { name, events, envs, enabled, target }),
  );
  const shown = showChannel(created, deps.notifications.now());
  return { status: 201, body: created.secret === null ? shown : { ...shown, secret: created.secret } };
}

export async function patchChannel(deps: HttpDeps, request: WithBody<typeof channelChangeBody>): Promise<Reply> {
  const { params, body } = request;
  const changed = orThrow(await changeChannel(deps.notifications, ownerOf(params), channelOf(params), body));
  return { status: 200, body: showChannel(changed, deps.notifications.now()), before: changed.before };
}

export async function deleteChannel(deps: HttpDeps, { params }: Plain): Promise<Reply> {
  const before = orThrow(await removeChannel(deps.notifications, ownerOf(params), channelOf(params)));
  return { status: 204, before };
}

export async function postChannelSecret(deps: HttpDeps, request: WithBody<typeof rotateKeyBody>): Promise<Reply> {
  const { params, body } = request;
  const rotated = orThrow(
    await rotateSecret(deps.notifications, ownerOf(params), channelOf(params), body.keep_old_hours),
  );
  return { status: 200, body: { ...showChannel(rotated, deps.notifications.now()), secret: rotated.secret } };
}

/** Waits for what the receiver says; as many at a time as tests of sources. */
export async function postChannelTest(deps: HttpDeps, { params }: Plain): Promise<Reply> {
  const tested = deps.projects.testSlots.run(
    async () => await testChannel(deps.notifications, ownerOf(params), channelOf(params)),
  );
  const { messageId } = orThrow(tested === null ? TOO_MANY_TESTS : await tested);
  return { status: 200, body: { delivered: true, message_id: messageId } };
}

export async function listMessages(deps: HttpDeps, request: Paged): Promise<Reply> {
  const { params, query } = request;
  const { channel } = orThrow(await openChannel(deps.notifications, ownerOf(params), channelOf(params)));
  const found = await deps.notifications.db.channels.messagesOf(channel.id, {
    limit: query.limit + 1,
    after: decodeCursor(query.cursor),
  });
  const page = toPage(found, query.limit, ({ occurredAt, id }) => ({ at: occurredAt, id }), showMessage);
  return { status: 200, body: page };
}
