import type { DeploymentView } from '../../../model/deployment.ts';
import type { EnvironmentOverview } from '../../../model/environment.ts';
import { type OverviewEnvironment, overviewPage } from '../../../pages/overview-page.ts';
import { type Report, reportOf } from '../../../report/report.ts';
import type { ReportedDeployment } from '../../../report/wire.ts';
import type { HttpDeps } from '../../deps.ts';
import { page, redirect } from '../../pages/serve-page.ts';
import type { ParsedRequest, Reply } from '../../request.ts';
import { showDeployment } from '../../views.ts';

/** Environments that are ever listed. */
const MOST = 1_000;
/** With more of them the calm ones are left out, unless all are asked for. */
const LARGE = 40;

/** All projects with their last verdicts; of many only those that somebody should look at. */
export async function readOverviewPage(
  deps: HttpDeps,
  request: ParsedRequest<undefined, { readonly show: string | null }>,
): Promise<Reply> {
  if (!request.page?.operator) return redirect('/ui/sign-in');
  const { db, now } = deps.lifecycle;
  const rows = await db.environmentOverview.list(MOST + 1);
  const listed = rows.slice(0, MOST);
  const wanted = listed.flatMap((row) => [lastOf(row), openOf(row)]).filter((id) => id !== null);
  const found = await db.deploymentReads.findMany(wanted);
  const environments = listed.map((row) => toEnvironment(deps, row, found));
  const isLarge = environments.length > LARGE;
  const { show } = request.query;
  const html = overviewPage({
    environments,
    isLarge,
    isOnlyBad: isLarge ? show !== 'all' : show === 'bad',
    isCut: rows.length > MOST,
    nowMs: now(),
    stylesheet: deps.pages.stylesheet.path,
    publicUrl: deps.pages.publicUrl ?? 'http://localhost:8000',
  });
  return page(html);
}

const isOpen = ({ state }: EnvironmentOverview['recent'][number]): boolean =>
  state === 'running' || state === 'finished';

const lastOf = ({ recent }: EnvironmentOverview): string | null =>
  recent.find((one) => one.verdict !== null)?.id ?? null;
const openOf = ({ recent }: EnvironmentOverview): string | null => recent.find(isOpen)?.id ?? null;

function toEnvironment(
  deps: HttpDeps,
  row: EnvironmentOverview,
  found: ReadonlyMap<string, DeploymentView>,
): OverviewEnvironment {
  const report = (id: string | null): Report | null => {
    const view = id === null ? undefined : found.get(id);
    return view === undefined ? null : reportInList(deps, view);
  };
  return {
    projectId: row.projectId,
    project: row.project,
    env: row.env,
    verdicts: row.recent.flatMap(({ verdict }) => verdict ?? []).toReversed(),
    last: report(lastOf(row)),
    open: report(openOf(row)),
  };
}

/** Without its samples, which no list shows. */
export function reportInList(deps: HttpDeps, view: DeploymentView): Report {
  return reportOf(showDeployment(deps, view, { kind: 'operator' }) as ReportedDeployment, deps.lifecycle.now());
}
