import { leftOutSamples } from '../../../lifecycle/left-out-samples.ts';
import type { DeploymentView } from '../../../model/deployment.ts';
import type { StoredSample } from '../../../model/sample.ts';
import { type Report, reportOf } from '../../../report/report.ts';
import type { ReportedDeployment, ReportedSample } from '../../../report/wire.ts';
import type { HttpDeps } from '../../deps.ts';
import { pathId } from '../../outcome.ts';
import { PageRefusal } from '../../pages/refusal.ts';
import { checkLinkKey } from '../../pages/report-links.ts';
import { HttpProblem } from '../../problems.ts';
import type { ParsedRequest } from '../../request.ts';
import { showDeployment, showSample } from '../../views.ts';

export interface ReportData {
  readonly deployment: DeploymentView;
  /** As the API answers it. */
  readonly wire: ReportedDeployment;
  readonly samples: readonly ReportedSample[];
  readonly report: Report;
}

export type ReportRequest = ParsedRequest<undefined, { readonly key: string | null }>;

/** May this report be seen? Who is signed in sees all; else what SEQPULSE_PUBLIC_REPORTS says. `sign-in`: ask for that. */
export async function mayRead(deps: HttpDeps, request: ReportRequest): Promise<'operator' | 'link' | 'sign-in'> {
  const { page, params, query } = request;
  if (page?.operator) return 'operator';
  const id = pathId(params, 'deployment');
  const { publicReports, signer } = deps.pages;
  if (publicReports === 'off' || (publicReports === 'signed' && query.key === null)) return 'sign-in';
  if (publicReports === 'signed') {
    const state = checkLinkKey(signer, id, query.key ?? '', deps.lifecycle.now());
    if (state === 'forged') {
      await page?.limits.forged();
      throw new PageRefusal(
        403,
        'This link is not valid',
        'It may have been cut off when it was copied. CI and messages hold the whole one.',
      );
    }
    if (state === 'expired') {
      throw new PageRefusal(
        403,
        'This link has expired',
        'The report may still be there: whoever can sign in sees it.',
      );
    }
  }
  await page?.limits.report(id);
  return 'link';
}

/** Throws NOT_FOUND. */
export async function readReport(deps: HttpDeps, id: string, viewer: 'operator' | 'link'): Promise<ReportData> {
  const { db, now } = deps.lifecycle;
  const [deployment, stored] = await Promise.all([db.deploymentReads.find(id, null), db.samples.listOf(id)]);
  if (deployment === null) throw new HttpProblem('NOT_FOUND', 'There is no such deployment.');
  const wire = showDeployment(deps, deployment, {
    kind: viewer === 'operator' ? 'operator' : 'anyone',
  }) as ReportedDeployment;
  const left = await leftOutOf(deps, deployment, stored);
  const samples = stored.map((sample) => toReported(sample, left.get(sample)));
  return { deployment, wire, samples, report: reportOf(wire, now(), samples) };
}

async function leftOutOf(
  deps: HttpDeps,
  { id, verdict }: DeploymentView,
  stored: readonly StoredSample[],
): Promise<ReadonlyMap<StoredSample, string>> {
  const context =
    verdict === null || verdict.leftOut.length === 0
      ? null
      : await deps.lifecycle.db.deployments.findAnalysisContext(id, null);
  return context === null ? new Map() : leftOutSamples(context, stored);
}

function toReported(sample: StoredSample, leftOut: string | undefined): ReportedSample {
  return {
    ...(showSample(sample) as ReportedSample),
    ...(sample.fromBaseline ? { from_baseline: true } : {}),
    ...(leftOut === undefined ? {} : { left_out: leftOut }),
  };
}
