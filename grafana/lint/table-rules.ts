import { type DashboardFile, drawnPanels, type MappingFile, type PanelFile } from './dashboard-file.ts';

/**
 * A table's cell without a value shows a mark of its own: left alone, Grafana puts the panel's sentence for "no rows" into
 * it, cut to the column's width. Mappings of a column stand in place of the table's, so they say it again.
 */
export function emptyCellsAreMarked(dashboard: DashboardFile): string[] {
  return drawnPanels(dashboard)
    .filter(({ type }) => type === 'table')
    .flatMap((panel) => faultsOf(panel).map((fault) => `panel ${panel.title}: ${fault}`));
}

function faultsOf({ fieldConfig }: PanelFile): string[] {
  const columns = (fieldConfig?.overrides ?? []).flatMap(({ properties = [] }) =>
    properties.filter(({ id }) => id === 'mappings').map(({ value }) => value as readonly MappingFile[]),
  );
  return [
    ...(marksNothing(fieldConfig?.defaults?.mappings) ? [] : ['a cell without a value shows the sentence for no rows']),
    ...columns.filter((mappings) => !marksNothing(mappings)).map(() => 'a column’s mappings forget the empty cell'),
  ];
}

function marksNothing(mappings: readonly MappingFile[] = []): boolean {
  return mappings.some(({ type, options }) => type === 'special' && /^null(\+nan)?$/.test(options?.match ?? ''));
}
