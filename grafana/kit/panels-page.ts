import type { DashboardSpec } from './dashboard.ts';
import { sectionHeading } from './links.ts';
import type { PanelSpec } from './panel-spec.ts';

/** docs/panels.md: a section a panel, in the dashboards' order, from the texts that stand beside the queries. */
export function panelsPage(dashboards: readonly DashboardSpec[]): string {
  return `<!-- Generated from grafana/ by grafana/generate-dashboards.ts: edit the panels there, then \`npm run generate\`. -->
# Panels

For every panel of the four dashboards: how to read it, why it can be empty and how to feed it, and what to check when
it degrades. Each panel in Grafana links its section here. How the dashboards get their data: [grafana.md](grafana.md).
*[En français](panels.fr.md).*

The pictures are drawn with @grafana/ui from the committed dashboards, not by Grafana: details of Grafana’s own panels
can differ. Under each stands what its data were.

${dashboards.map(dashboardSection).join('\n')}`;
}

function dashboardSection({ title, uid, name, description, pictureData, rows }: DashboardSpec): string {
  const panels = rows.flatMap((row) => row.panels);
  return `## ${title}

${description} Its address ends in \`/d/${uid}\`.

![${title}](images/${uid}.png)

*Drawn with @grafana/ui, not Grafana, on ${pictureData}.*

${panels.map((panel) => panelSection(panel, name)).join('\n')}`;
}

function panelSection(panel: PanelSpec, dashboardName: string): string {
  const alerts = (panel.alerts ?? []).map((alert) => `[${alert}](runbooks/${alert}.md)`);
  return `### ${sectionHeading(panel.title, dashboardName)}

**How to read it.** ${panel.read}

**Why it can be empty, and how to feed it.** ${panel.empty}

**If it degrades, check:** ${panel.check}
${alerts.length === 0 ? '' : `\nRunbooks: ${alerts.join(', ')}.\n`}`;
}
