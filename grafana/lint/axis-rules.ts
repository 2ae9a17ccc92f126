import { type DashboardFile, drawnPanels, type PanelFile } from './dashboard-file.ts';

/** A limit that ordinary counts reach; higher ones would flatten them. */
const ORDINARY_COUNT = 20;

/**
 * What a graph of nothing but zeros looks like, which is how most of ours look on a good day. Without an end of its own
 * such an axis goes from 0 to 100, and a limit of 1 lies on the zero; a stacked series of zeros must not draw its outline
 * along the series below it, for then all of it looks like an error.
 */
export function zerosLookLikeZeros(dashboard: DashboardFile): string[] {
  return drawnPanels(dashboard)
    .filter(({ type }) => type === 'timeseries')
    .flatMap((panel) => faultsOf(panel).map((fault) => `panel ${panel.title}: ${fault}`));
}

function faultsOf({ fieldConfig }: PanelFile): string[] {
  const { unit, max, thresholds, custom = {} } = fieldConfig?.defaults ?? {};
  const top = max ?? custom.axisSoftMax;
  const limit = thresholds?.steps?.find(({ value }) => value !== null)?.value ?? Number.POSITIVE_INFINITY;
  const stacked = custom.stacking?.mode !== undefined && custom.stacking.mode !== 'none';
  return [
    ...(top === undefined ? ['neither max nor axisSoftMax: zeros get an axis up to 100'] : []),
    ...(unit === 'short' && limit <= ORDINARY_COUNT && limit > (top ?? 0) ? [`the axis hides the limit ${limit}`] : []),
    ...(stacked && custom.lineWidth !== 0 ? ['a stacked series of zeros draws a line'] : []),
  ];
}
