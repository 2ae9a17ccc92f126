import {
  type AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type DatasourceVariableBuilder,
  type QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { JOBS } from '../../prometheus/limits.ts';
import type { DatasourceRef } from './datasources.ts';
import { type LinkBases, SEQPULSE_URL } from './links.ts';
import { buildPanel } from './panel.ts';
import type { PanelSpec } from './panel-spec.ts';

export interface DashboardRow {
  /** null: panels on top, without a heading. */
  readonly title: string | null;
  readonly panels: readonly PanelSpec[];
}

export interface DashboardSpec {
  /** Also the file's name; links of others use it, so it never changes. */
  readonly uid: string;
  readonly title: string;
  /** As docs/panels.md calls it. */
  readonly name: string;
  readonly description: string;
  /** What its picture in the docs was drawn from; completes “drawn … on”. */
  readonly pictureData: string;
  readonly refresh: string;
  readonly from: string;
  /** `browser`, or `utc` where panels count by day: the days of the SQL are UTC days. */
  readonly timezone: 'browser' | 'utc';
  readonly datasource: DatasourceRef;
  readonly variables: readonly (QueryVariableBuilder | DatasourceVariableBuilder)[];
  readonly annotations: readonly AnnotationQueryBuilder[];
  readonly rows: readonly DashboardRow[];
  /** Its cells lead to pages of SeqPulse: it gets a variable with the address of that (REPORT_URL). */
  readonly linksReports?: boolean;
}

/** All of them carry it, and each links to those that do. */
export const SHARED_TAG = 'seqpulse';
/** Row headings need ids too; panels stay below. */
const FIRST_ROW_ID = 1_000;

/** The classic (v1) model, which file provisioning of Grafana 10 to 13 loads. */
export function buildDashboard(spec: DashboardSpec, bases: LinkBases): Dashboard {
  const sisters = new DashboardLinkBuilder('SeqPulse dashboards')
    .type(DashboardLinkType.Dashboards)
    .tags([SHARED_TAG])
    .asDropdown(false)
    .keepTime(true)
    .includeVars(true);
  const builder = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags([SHARED_TAG])
    .timezone(spec.timezone)
    .time({ from: spec.from, to: 'now' })
    .refresh(spec.refresh)
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .variables([...spec.variables, ...(spec.linksReports === true ? [seqpulseUrl(bases)] : [])])
    .annotations([...spec.annotations])
    .links([sisters]);

  let top = 0;
  spec.rows.forEach((row, index) => {
    if (row.title !== null) {
      builder.withRow(new RowBuilder(row.title).id(FIRST_ROW_ID + index).gridPos({ x: 0, y: top, w: 24, h: 1 }));
      top += 1;
    }
    let left = 0;
    let rowHeight = 0;
    for (const panel of row.panels) {
      if (left + panel.width > 24) {
        top += rowHeight;
        left = 0;
        rowHeight = 0;
      }
      const built = buildPanel(panel, { dashboardName: spec.name, datasource: spec.datasource, bases });
      builder.withPanel(built.gridPos({ x: left, y: top, w: panel.width, h: panel.height }));
      left += panel.width;
      rowHeight = Math.max(rowHeight, panel.height);
    }
    top += rowHeight;
  });
  return builder.build();
}

/** To be changed on top of the dashboard, or for good when it is generated (`--seqpulse`). */
function seqpulseUrl({ seqpulse }: LinkBases): TextBoxVariableBuilder {
  return new TextBoxVariableBuilder(SEQPULSE_URL)
    .label('SeqPulse')
    .defaultValue(seqpulse)
    .current({ text: seqpulse, value: seqpulse });
}

/**
 * The file's text. A trailing newline, two spaces: what a diff reads best.
 *
 * @param jobs which jobs are the service, as limits.ts says it.
 */
export function dashboardJson(spec: DashboardSpec, bases: LinkBases, jobs = JOBS): string {
  const text = JSON.stringify(buildDashboard(spec, bases), null, 2);
  return `${jobs === JOBS ? text : text.replaceAll(JOBS, () => jobs)}\n`;
}
