import { type AlertName, DEFAULT_LINK_BASES, type LinkBases, runbookUrl } from '../../prometheus/alert-catalog.ts';

export { DEFAULT_LINK_BASES, type LinkBases };

/** The variable with the address of SeqPulse, where a dashboard links its pages. */
export const SEQPULSE_URL = 'seqpulse_url';
/** Of a cell whose value is a deployment's id: its report. As it is (`raw`), or the address would be encoded. */
export const REPORT_URL = `\${${SEQPULSE_URL}:raw}/ui/deployments/\${__value.raw}`;

export interface TitledLink {
  readonly title: string;
  readonly url: string;
}

/** The heading of a panel's section in docs/panels.md. With the dashboard's name, for titles recur. */
export function sectionHeading(panelTitle: string, dashboardName: string): string {
  return `${panelTitle} · ${dashboardName}`;
}

/** The fragment that GitHub and most renderers make of a heading. */
export function headingSlug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}

/** docs/panels.md lies one folder above the runbooks. */
export function panelDocUrl(heading: string, bases: LinkBases): string {
  return `${new URL(`../panels${bases.extension}`, `${bases.runbooks}/`).href}#${headingSlug(heading)}`;
}

export function runbookLinks(alerts: readonly AlertName[], bases: LinkBases): TitledLink[] {
  return alerts.map((alert) => ({ title: `Runbook: ${alert}`, url: runbookUrl(alert, bases) }));
}
