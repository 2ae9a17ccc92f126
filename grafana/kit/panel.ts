import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  GraphGradientMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TableSortByFieldStateBuilder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  SpecialValueMatch,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { COLOURS } from './colours.ts';
import type { DatasourceRef } from './datasources.ts';
import { overrideProperties, UNKNOWN_CELL } from './field-looks.ts';
import { type LinkBases, panelDocUrl, runbookLinks, sectionHeading } from './links.ts';
import type { PanelSpec, Visual } from './panel-spec.ts';
import { buildTargets } from './queries.ts';

export interface PanelContext {
  /** As docs/panels.md calls the dashboard. */
  readonly dashboardName: string;
  readonly datasource: DatasourceRef;
  readonly bases: LinkBases;
}

type AnyPanelBuilder = TimeseriesBuilder | StatBuilder | TableBuilder;
type VisualOf<Kind extends Visual['kind']> = Extract<Visual, { readonly kind: Kind }>;

/** One panel as the SDK wants it. Its place on the grid is the dashboard's business. */
export function buildPanel(spec: PanelSpec, context: PanelContext): AnyPanelBuilder {
  const builder = buildVisual(spec);
  const docUrl = panelDocUrl(sectionHeading(spec.title, context.dashboardName), context.bases);
  const links = [{ title: 'How to read this panel', url: docUrl }, ...runbookLinks(spec.alerts ?? [], context.bases)];
  builder
    .id(spec.id)
    .title(spec.title)
    .description(`${spec.read}\n\n${links.map(({ title, url }) => `[${title}](${url})`).join(' · ')}`)
    .links(links.map(linkBuilder))
    .datasource(context.datasource)
    .span(spec.width)
    .height(spec.height)
    .unit(spec.unit);
  if (spec.decimals !== undefined) builder.decimals(spec.decimals);
  if (spec.min !== undefined) builder.min(spec.min);
  if (spec.max !== undefined) builder.max(spec.max);
  if (spec.columns !== undefined) {
    const { hidden, order, names } = spec.columns;
    const options = {
      excludeByName: Object.fromEntries(hidden.map((name) => [name, true])),
      indexByName: Object.fromEntries(order.map((name, index) => [name, index])),
      renameByName: names,
    };
    builder.withTransformation({ id: 'organize', options });
  }
  if (spec.noValue !== undefined) builder.noValue(spec.noValue);
  builder.targets(buildTargets(spec.queries, context.datasource, spec.visual.kind === 'table'));
  if (spec.thresholds !== undefined) {
    const steps = spec.thresholds.map((step) => ({ ...step }));
    builder.thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps));
  }
  for (const look of spec.looks ?? []) {
    const properties = overrideProperties(look);
    if (look.name.startsWith('/')) builder.overrideByRegexp(look.name, properties);
    else builder.overrideByName(look.name, properties);
  }
  return builder;
}

function buildVisual(spec: PanelSpec): AnyPanelBuilder {
  if (spec.visual.kind === 'stat') return statBuilder(spec, spec.visual);
  if (spec.visual.kind === 'table') return tableBuilder(spec.visual);
  return timeseriesBuilder(spec, spec.visual);
}

/** Large enough to tell four colours apart, small enough for five to stand in a minute. */
const POINT_PIXELS = 6;

/**
 * Where the axis of a graph ends at least, by unit: without it zeros get one up to 100 (10,000 % of shares), which hides a
 * limit of 1. Low enough that ordinary values are not flattened.
 */
const MIN_AXIS: Readonly<Record<string, number>> = {
  short: 5,
  percentunit: 0.1,
  percent: 10,
  reqps: 0.5,
  cps: 0.1,
  s: 0.1,
  ms: 100,
  bytes: 1_000_000,
};

const DRAW_STYLES = { line: GraphDrawStyle.Line, bars: GraphDrawStyle.Bars, points: GraphDrawStyle.Points } as const;

/** Lines keep the palette's colours: coloured by threshold, two series could share one green. */
function timeseriesBuilder(spec: PanelSpec, visual: VisualOf<'timeseries'>): TimeseriesBuilder {
  const bars = visual.draw === 'bars';
  const points = visual.draw === 'points';
  const filled = bars || visual.stacked === true;
  const calcs = visual.legendCalcs ?? [];
  const legend = new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(visual.legend === 'table' ? LegendDisplayMode.Table : LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .calcs([...calcs]);
  // Few of many rows are seen without scrolling: the largest now.
  if (visual.legend === 'table') legend.sortBy('Last *').sortDesc(true);
  const builder = new TimeseriesBuilder()
    .drawStyle(DRAW_STYLES[visual.draw])
    // Stacked, a series of zeros lies on the one below: its line would outline that one in its own colour, mostly red.
    .lineWidth(filled ? 0 : 2)
    .fillOpacity(bars ? 80 : filled ? 60 : 10)
    .gradientMode(filled ? GraphGradientMode.None : GraphGradientMode.Opacity)
    .showPoints(
      points ? VisibilityMode.Always : visual.connectGaps === true ? VisibilityMode.Auto : VisibilityMode.Never,
    )
    .spanNulls(visual.connectGaps === true)
    .axisSoftMin(0)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
    .legend(legend)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  const softMax = spec.softMax ?? MIN_AXIS[spec.unit];
  if (softMax !== undefined) builder.axisSoftMax(softMax);
  if (points) builder.pointSize(POINT_PIXELS);
  if (visual.stacked === true) {
    builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  }
  if (spec.thresholds !== undefined) {
    builder.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  return builder;
}

function statBuilder(spec: PanelSpec, visual: VisualOf<'stat'>): StatBuilder {
  const unknown = { text: spec.noValue ?? 'No data', color: COLOURS.unknown, index: 0 };
  const texts = Object.entries(visual.texts ?? {}).map(([value, text], index) => [value, { text, index }]);
  return new StatBuilder()
    .colorMode(BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false))
    .colorScheme(statColour(spec))
    .mappings([
      // Nothing known is neither green nor red.
      { type: MappingType.SpecialValue, options: { match: SpecialValueMatch.NullAndNan, result: unknown } },
      ...(texts.length > 0 ? [{ type: MappingType.ValueToText as const, options: Object.fromEntries(texts) }] : []),
    ]);
}

/** Without limits of its own Grafana would give a stat its default ones: green, and red from 80 on. */
function statColour(spec: PanelSpec): FieldColorBuilder {
  return spec.thresholds === undefined
    ? new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor(COLOURS.neutral)
    : new FieldColorBuilder().mode(FieldColorModeId.Thresholds);
}

function tableBuilder(visual: VisualOf<'table'>): TableBuilder {
  const builder = new TableBuilder().mappings([UNKNOWN_CELL]);
  if (visual.sortBy === undefined) return builder;
  const { column, descending } = visual.sortBy;
  return builder.sortBy([new TableSortByFieldStateBuilder().displayName(column).desc(descending)]);
}

function linkBuilder({ title, url }: { readonly title: string; readonly url: string }): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(url).targetBlank(true);
}
