import { type Channel, EVENTS } from '../../../model/notification.ts';
import type { Operator } from '../../../model/operator.ts';
import { openTarget } from '../../../notify/target.ts';
import type { ChannelSummary } from '../../../pages/channel-state.ts';
import { notificationsPage } from '../../../pages/notifications-page.ts';
import type { ShownChannel } from '../../../pages/shown-channel.ts';
import { withAuditTrail } from '../../audit-trail.ts';
import type { HttpDeps } from '../../deps.ts';
import { NOTIFICATION_ROUTES } from '../../notification-routes.ts';
import { showChannel } from '../../notification-views.ts';
import { noSuchProject, pathId } from '../../outcome.ts';
import { PageRefusal } from '../../pages/refusal.ts';
import { page, redirect } from '../../pages/serve-page.ts';
import { HttpProblem, statusOfError } from '../../problems.ts';
import type { ParsedRequest, Reply } from '../../request.ts';
import { signInHref } from './sign-in.ts';

export type NotificationForm = Readonly<Record<string, string>>;
type Asked<Body, Query> = ParsedRequest<Body, Query>;

const MAX_CHANNELS = 100;
const MAX_MESSAGES = 10;

/** What was done, by its word in the address. */
const DONE: Readonly<Record<string, string>> = {
  add: 'It is told from now on. Send it a test.',
  change: 'Saved.',
  on: 'It is told again.',
  off: 'It is told nothing any more. What waited was given up.',
  test: 'The test was delivered.',
  remove: 'It is told nothing any more.',
};

const pathOf = (projectId: string | null): string =>
  projectId === null ? '/ui/notifications' : `/ui/projects/${projectId}/notifications`;
const ownerOf = (params: Asked<unknown, unknown>['params']): string | null =>
  params.id === undefined ? null : pathId(params, 'project');

/** Whom SeqPulse tells, of a project or of all: what is set, what was sent, and what failed. */
export async function readNotificationsPage(
  deps: HttpDeps,
  request: Asked<undefined, { readonly done: string | null }>,
): Promise<Reply> {
  const owner = ownerOf(request.params);
  const operator = request.page?.operator;
  if (!operator) return redirect(signInHref(pathOf(owner)));
  return page(await show(deps, owner, operator, { done: DONE[request.query.done ?? ''] ?? null }));
}

/** A form of that page: the API's own road, its audit trail too. */
export async function postNotificationsForm(
  deps: HttpDeps,
  request: Asked<NotificationForm, undefined>,
): Promise<Reply> {
  const owner = ownerOf(request.params);
  const operator = request.page?.operator;
  if (!operator) return redirect(signInHref(pathOf(owner)));
  if (operator.role !== 'admin')
    throw new PageRefusal(403, 'Not for this role', 'A viewer sees notifications and changes none.');
  const { act = '' } = request.body;
  try {
    const body = await done(deps, request, owner);
    const { secret = null } = (typeof body === 'object' ? body : {}) as { readonly secret?: string | null };
    if (secret !== null) return page(await show(deps, owner, operator, { secret, done: DONE[act] ?? null }));
    return redirect(`${pathOf(owner)}?done=${act}`);
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error;
    const faults = error.faults?.map(({ path, message }) => `${path}: ${message}.`) ?? [error.message];
    return page(await show(deps, owner, operator, { faults }), statusOfError(error));
  }
}

async function done(deps: HttpDeps, request: Asked<NotificationForm, undefined>, owner: string | null) {
  const { act = '', channel = '' } = request.body;
  const whole = owner === null ? '/notifications' : '/projects/{id}/notifications';
  const one = `${whole}/{notification_id}`;
  const roads: Readonly<Record<string, readonly [method: string, path: string, body?: unknown]>> = {
    add: ['POST', whole, newChannelOf(request.body)],
    change: ['PATCH', one, changeOf(request.body)],
    on: ['PATCH', one, { enabled: true }],
    off: ['PATCH', one, { enabled: false }],
    test: ['POST', `${one}/test`],
    secret: ['POST', `${one}/secret`, {}],
    remove: ['DELETE', one],
  };
  const [method, path, sent] = Object.hasOwn(roads, act) ? (roads[act] ?? []) : [];
  const route = NOTIFICATION_ROUTES.find((known) => known.method === method && known.path === path);
  if (route === undefined) throw new HttpProblem('MALFORMED_REQUEST', 'This form asks for nothing that is known.');
  const parsed = route.body?.safeParse(sent);
  if (parsed?.success === false) {
    const faults = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
    throw new HttpProblem('VALIDATION_FAILED', 'The form has faults.', { faults });
  }
  const params = { ...request.params, ...(path === whole ? {} : { notification_id: channel }) };
  return (await withAuditTrail(route)(deps, { ...request, params, body: parsed?.data as never })).body;
}

const listOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

function common(form: NotificationForm): object {
  const envs = listOf(form.envs);
  return {
    events: EVENTS.filter((event) => form[`event.${event}`] !== undefined),
    envs: envs.length === 0 ? null : envs,
  };
}

function newChannelOf(form: NotificationForm): object {
  const { type, where = '', name = '' } = form;
  const led = type === 'mail' ? { to: listOf(where) } : { url: where.trim() };
  return { type, ...led, ...common(form), ...(name.trim() === '' ? {} : { name }) };
}

function changeOf(form: NotificationForm): object {
  const { where = '', name = '' } = form;
  const led = where.trim() === '' ? {} : where.includes('://') ? { url: where.trim() } : { to: listOf(where) };
  return { ...common(form), ...led, ...(name.trim() === '' ? {} : { name }) };
}

interface News {
  readonly done?: string | null;
  readonly faults?: readonly string[];
  readonly secret?: string | null;
}

async function show(deps: HttpDeps, owner: string | null, operator: Operator, news: News): Promise<string> {
  const { notifications, pages } = deps;
  const project = owner === null ? null : await notifications.db.projects.find(owner);
  if (owner !== null && project === null) throw noSuchProject();
  const channels = await notifications.db.channels.listOf(owner, { limit: MAX_CHANNELS, after: null });
  return notificationsPage({
    project,
    action: pathOf(owner),
    channels: await Promise.all(channels.map(async (channel) => await shown(deps, channel))),
    canMail: notifications.canMail,
    mayChange: operator.role === 'admin',
    done: news.done ?? null,
    faults: news.faults ?? [],
    secret: news.secret ?? null,
    nowMs: notifications.now(),
    stylesheet: pages.stylesheet.path,
  });
}

async function shown({ notifications }: HttpDeps, channel: Channel): Promise<ShownChannel> {
  const target = openTarget(notifications.secretBox, channel);
  const told = showChannel({ channel, target }, notifications.now()) as { url?: string; to?: string[] };
  const messages = await notifications.db.channels.messagesOf(channel.id, { limit: MAX_MESSAGES, after: null });
  return {
    ...summaryOf(channel),
    kind: channel.kind,
    where: told.url ?? told.to?.join(', ') ?? '',
    whereSet: told.to?.join(', ') ?? '',
    events: channel.events,
    envs: channel.envs,
    messages: messages.map(({ event, env, state, attempts, lastError, occurredAt, deploymentId }) => ({
      event,
      env,
      state,
      failedAttempts: attempts,
      lastError,
      occurredAtMs: occurredAt.getTime(),
      deploymentId,
    })),
  };
}

export function summaryOf({ id, name, enabled, lastDeliveredAt, failingSince, lastError }: Channel): ChannelSummary {
  return {
    id,
    name,
    enabled,
    lastDeliveredAtMs: lastDeliveredAt?.getTime() ?? null,
    failingSinceMs: failingSince?.getTime() ?? null,
    lastError,
  };
}
