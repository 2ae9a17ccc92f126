import { markdownOf } from '../../../report/markdown.ts';
import { svgOf } from '../../../report/svg.ts';
import type { HttpDeps } from '../../deps.ts';
import { pathId } from '../../outcome.ts';
import { reportPath } from '../../pages/report-links.ts';
import { redirect } from '../../pages/serve-page.ts';
import type { Reply } from '../../request.ts';
import { mayRead, type ReportData, type ReportRequest, readReport } from './report-data.ts';
import { signInHref } from './sign-in.ts';

export async function readReportMarkdown(deps: HttpDeps, request: ReportRequest): Promise<Reply> {
  return await readAs(deps, request, 'text/markdown; charset=utf-8', ({ report }) => markdownOf(report));
}

export async function readReportSvg(deps: HttpDeps, request: ReportRequest): Promise<Reply> {
  return await readAs(deps, request, 'image/svg+xml; charset=utf-8', ({ report }) => svgOf(report));
}

/** The deployment as the API answers it, for whoever may see the page. */
export async function readReportJson(deps: HttpDeps, request: ReportRequest): Promise<Reply> {
  return await readAs(deps, request, 'application/json; charset=utf-8', ({ wire, samples }) =>
    JSON.stringify({ ...wire, sample_list: samples }, null, 2),
  );
}

async function readAs(
  deps: HttpDeps,
  request: ReportRequest,
  contentType: string,
  show: (data: ReportData) => string,
): Promise<Reply> {
  const viewer = await mayRead(deps, request);
  const id = pathId(request.params, 'deployment');
  if (viewer === 'sign-in') return redirect(signInHref(reportPath(id)));
  // A picture in a chat is fetched by the chat's own server, and shown from there.
  const headers = { 'Cross-Origin-Resource-Policy': 'cross-origin' };
  return { status: 200, body: show(await readReport(deps, id, viewer)), contentType, headers, deploymentId: id };
}
