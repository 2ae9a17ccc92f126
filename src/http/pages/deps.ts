import type { ReportLinks } from './report-links.ts';
import type { SessionDeps } from './session.ts';

/** What the pages need beside the API. */
export interface PageDeps extends ReportLinks {
  readonly sessions: SessionDeps;
  /** The style sheet, and where it is: its address changes with it. */
  readonly stylesheet: { readonly text: string; readonly path: string };
}
