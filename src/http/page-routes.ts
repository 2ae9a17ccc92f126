import { z } from 'zod';
import { LIMIT_FIELDS } from '../pages/limits-form.ts';
import { METRICS, VERDICTS } from '../verdict/types.ts';
import { postFeedbackForm } from './handlers/pages/feedback.ts';
import { postNotificationsForm, readNotificationsPage } from './handlers/pages/notifications.ts';
import { readOverviewPage } from './handlers/pages/overview.ts';
import { readProjectPage } from './handlers/pages/project.ts';
import { readReportPage } from './handlers/pages/report.ts';
import { readReportJson, readReportMarkdown, readReportSvg } from './handlers/pages/report-forms.ts';
import { postSignIn, postSignOut, readHow, readSignIn, readStyles } from './handlers/pages/sign-in.ts';
import { type Route, route } from './request.ts';
import { envName, text } from './schemas.ts';

/** A page is shown for whatever address leads to it: what does not fit counts as not given. */
const given = <Value>(schema: z.ZodType<Value>) => schema.nullable().default(null).catch(null);
const word = given(text(64));

const reportQuery = z.object({
  key: given(text(100)),
  live: word,
  ...Object.fromEntries(LIMIT_FIELDS.map(({ param }) => [param, given(text(12))])),
}) as z.ZodType<Record<string, string | null> & { key: string | null; live: string | null }>;

const fileQuery = z.object({ key: given(text(100)) });

const projectQuery = z.object({
  env: given(envName),
  verdict: given(z.enum(VERDICTS)),
  metric: given(z.enum(METRICS)),
  from: given(
    z
      .string()
      .regex(/^\d{1,9}$/)
      .transform(Number),
  ),
  cursor: given(text(200)),
  check: word,
});

const next = z.string().max(2_000).default('/').catch('/');
const signInForm = z.object({ token: z.string().max(1_000).default('').catch(''), next });

const feedbackForm = z.object({
  correct: z
    .string()
    .default('')
    .transform((value) => value === 'true'),
  note: given(text(500)).transform((note) => note?.trim() || null),
});

const notificationsQuery = z.object({ done: word });
const anyForm = z.record(z.string(), z.string());

/** What people read. Who may see a page is decided in its handler; the checks before it are serve-page.ts. */
export const PAGE_ROUTES: readonly Route[] = [
  route({ method: 'GET', path: '/', access: 'page', query: z.object({ show: word }), handle: readOverviewPage }),
  route({ method: 'GET', path: '/ui/projects/{id}', access: 'page', query: projectQuery, handle: readProjectPage }),
  ...['/ui/projects/{id}/notifications', '/ui/notifications'].flatMap((path) => [
    route({ method: 'GET', path, access: 'page', query: notificationsQuery, handle: readNotificationsPage }),
    route({ method: 'POST', path, access: 'page', body: anyForm, handle: postNotificationsForm }),
  ]),
  route({ method: 'GET', path: '/ui/deployments/{id}', access: 'page', query: reportQuery, handle: readReportPage }),
  route({
    method: 'GET',
    path: '/ui/deployments/{id}.md',
    access: 'page',
    query: fileQuery,
    handle: readReportMarkdown,
  }),
  route({ method: 'GET', path: '/ui/deployments/{id}.svg', access: 'page', query: fileQuery, handle: readReportSvg }),
  route({ method: 'GET', path: '/ui/deployments/{id}.json', access: 'page', query: fileQuery, handle: readReportJson }),
  route({
    method: 'POST',
    path: '/ui/deployments/{id}/feedback',
    access: 'page',
    body: feedbackForm,
    handle: postFeedbackForm,
  }),
  route({ method: 'GET', path: '/ui/sign-in', access: 'page', query: z.object({ next }), handle: readSignIn }),
  route({ method: 'POST', path: '/ui/sign-in', access: 'page', body: signInForm, handle: postSignIn }),
  route({ method: 'POST', path: '/ui/sign-out', access: 'page', handle: postSignOut }),
  route({ method: 'GET', path: '/ui/how', access: 'page', handle: readHow }),
  route({ method: 'GET', path: '/ui/pages.css', access: 'page', handle: readStyles }),
];
