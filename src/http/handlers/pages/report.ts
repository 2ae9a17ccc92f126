import { rejudge } from '../../../lifecycle/rejudge.ts';
import { isRefusal } from '../../../model/refusal.ts';
import type { AgainInput } from '../../../pages/again.ts';
import { LIMIT_FIELDS, type LimitsFormInput } from '../../../pages/limits-form.ts';
import { reportPage } from '../../../pages/report-page.ts';
import { markup, type Piece } from '../../../report/markup.ts';
import { reportOf } from '../../../report/report.ts';
import type { ReportedVerdict } from '../../../report/wire.ts';
import type { HttpDeps } from '../../deps.ts';
import { showLimits } from '../../limits.ts';
import { pathId } from '../../outcome.ts';
import { reportPath } from '../../pages/report-links.ts';
import { page, redirect } from '../../pages/serve-page.ts';
import type { ParsedRequest, Reply } from '../../request.ts';
import { showVerdict } from '../../views.ts';
import { askedLimits } from './asked-limits.ts';
import { sourceAddress } from './project-facts.ts';
import { mayRead, type ReportData, readReport } from './report-data.ts';
import { signInHref } from './sign-in.ts';

/** Seconds between two looks at a deployment that is observed. */
const RELOAD_SECONDS = 15;

type Query = Readonly<Record<string, string | null>> & { readonly key: string | null; readonly live: string | null };

/** A deployment's report: live while it is observed, judged again where other limits are asked for. */
export async function readReportPage(deps: HttpDeps, request: ParsedRequest<undefined, Query>): Promise<Reply> {
  const viewer = await mayRead(deps, request);
  const id = pathId(request.params, 'deployment');
  if (viewer === 'sign-in') return redirect(signInHref(request.page?.href ?? reportPath(id)));
  const data = await readReport(deps, id, viewer);
  const { report } = data;
  const { query } = request;
  const isOperator = viewer === 'operator';
  const isOpen = report.tone === 'observing' || report.tone === 'running';
  const isLive = isOpen && query.live !== 'off';
  const again =
    isOperator && report.summary !== null && report.tone !== 'no-data' ? await judgedAgain(deps, data, query) : null;
  const at = (suffix: string) => linked(`${reportPath(id)}${suffix}`, isOperator ? null : query.key);
  const html = reportPage({
    report,
    viewer,
    stylesheet: deps.pages.stylesheet.path,
    projectHref: `/ui/projects/${data.deployment.projectId}?env=${encodeURIComponent(report.env)}`,
    paths: { page: at(''), markdown: at('.md'), svg: at('.svg'), json: at('.json') },
    signInHref: signInHref(reportPath(id)),
    hrefOf: isOperator ? reportPath : null,
    failedReads: report.tone === 'no-data' ? await failedReads(deps, data) : [],
    next: report.tone === 'no-data' ? await nextStep(deps, data, isOperator) : '',
    reloadSeconds: isLive ? RELOAD_SECONDS : null,
    liveHref: isOpen ? { on: at(''), off: withParameter(at(''), 'live=off') } : null,
    limits: again?.form ?? null,
    again: again?.result ?? null,
    againRefused: again?.refused ?? null,
    feedbackAction: isOperator ? `${reportPath(id)}/feedback` : null,
    curl: `curl -H "X-API-Key: $SEQPULSE_API_KEY" \\\n  ${deps.pages.publicUrl ?? ''}/deployments/${id}`,
  });
  return { ...page(html, 200, isLive ? { Refresh: String(RELOAD_SECONDS) } : {}), deploymentId: id };
}

const withParameter = (path: string, parameter: string): string =>
  `${path}${path.includes('?') ? '&' : '?'}${parameter}`;
const linked = (path: string, key: string | null): string =>
  key === null ? path : withParameter(path, `key=${encodeURIComponent(key)}`);

async function failedReads(deps: HttpDeps, { deployment, report }: ReportData) {
  const { finishedAtMs, observedUntilMs, counts } = report;
  if (finishedAtMs === null || observedUntilMs === null) return [];
  const interval = (observedUntilMs - finishedAtMs) / Math.max(1, counts.after.expected);
  const failures = await deps.lifecycle.db.jobFailures.listOf(deployment.id, 'post_collect');
  return failures.map(({ sequence, reason, tries }) => ({
    dueAtMs: finishedAtMs + (sequence ?? 0) * interval,
    tries,
    answer: reason,
  }));
}

/** Where a verdict could not be given: what to do about it. Where a source is read is no news for whoever has a link alone. */
async function nextStep(deps: HttpDeps, { report, deployment }: ReportData, isOperator: boolean): Promise<Piece> {
  const address = isOperator ? await sourceAddress(deps, deployment.projectId, deployment.env) : null;
  const open =
    address === null ? 'run' : markup`open <code>${address}</code> from the machine that runs SeqPulse, or run`;
  const where = `${report.project}, ${deployment.env}`;
  return markup`Next: ${open} <code>seqpulse check</code> (${where}): it reads the source once and names the setting to change. Then deploy again: a verdict needs three samples after.`;
}

async function judgedAgain(
  deps: HttpDeps,
  data: ReportData,
  query: Query,
): Promise<{ form: LimitsFormInput; result: AgainInput | null; refused: string | null }> {
  const { deployment, wire, samples, report } = data;
  const id = deployment.id;
  const { limits: held } = showLimits(deployment.limits);
  const asked = askedLimits(query, held);
  const form: LimitsFormInput = {
    action: reportPath(id),
    values: asked.values,
    faults: asked.faults,
    isOpen: asked.isAsked,
  };
  if (!asked.isAsked || Object.keys(asked.faults).length > 0) return { form, result: null, refused: null };
  const judged = await rejudge(deps.lifecycle, { deploymentId: id, projectId: null, limits: asked.change });
  if (isRefusal(judged)) return { form, result: null, refused: judged.detail };
  const verdict = showVerdict({ ...judged.judgement, hints: [] }, { kind: 'operator' }) as ReportedVerdict;
  const parameters = LIMIT_FIELDS.map(({ param }) => `${param}=${encodeURIComponent(asked.values[param] ?? '')}`).join(
    '&',
  );
  return {
    form,
    refused: null,
    result: {
      old: report,
      again: reportOf({ ...wire, verdict }, deps.lifecycle.now(), samples),
      changed: asked.changed,
      link: `${reportPath(id)}?${parameters}#again`,
      withoutHref: reportPath(id),
      curl: `curl -X POST -H "X-API-Key: $SEQPULSE_API_KEY" -H "Content-Type: application/json" \\\n  ${deps.pages.publicUrl ?? ''}/deployments/${id}/rejudge \\\n  -d '${JSON.stringify({ limits: asked.wire })}'`,
    },
  };
}
