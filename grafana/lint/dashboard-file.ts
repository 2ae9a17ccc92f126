/** A committed dashboard, as far as the lint looks at it. Everything may be missing: that is what it looks for. */
export interface DashboardFile {
  readonly uid?: string;
  readonly title?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly refresh?: string;
  readonly panels?: readonly PanelFile[];
  readonly links?: readonly LinkFile[];
  readonly templating?: { readonly list?: readonly VariableFile[] };
  readonly annotations?: { readonly list?: readonly AnnotationFile[] };
  readonly __inputs?: unknown;
}

export interface PanelFile {
  readonly id?: number;
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly datasource?: DatasourceFile;
  readonly gridPos?: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly TargetFile[];
  readonly links?: readonly LinkFile[];
  readonly fieldConfig?: { readonly defaults?: FieldFile; readonly overrides?: readonly OverrideFile[] };
}

export interface FieldFile {
  readonly unit?: string;
  readonly color?: { readonly mode?: string };
  readonly thresholds?: ThresholdsFile;
  readonly max?: number;
  readonly mappings?: readonly MappingFile[];
  readonly custom?: {
    readonly axisSoftMax?: number;
    readonly lineWidth?: number;
    readonly stacking?: { readonly mode?: string };
  };
}

export interface MappingFile {
  readonly type?: string;
  readonly options?: { readonly match?: string };
}

export interface ThresholdsFile {
  readonly mode?: string;
  readonly steps?: readonly { readonly value: number | null; readonly color: string }[];
}

export interface OverrideFile {
  readonly properties?: readonly { readonly id: string; readonly value?: unknown }[];
}

export interface TargetFile {
  readonly refId?: string;
  readonly datasource?: DatasourceFile;
  readonly expr?: string;
  readonly instant?: boolean;
  readonly legendFormat?: string;
  readonly rawSql?: string;
  readonly format?: string;
}

export interface DatasourceFile {
  readonly type?: string;
  readonly uid?: string;
}

export interface LinkFile {
  readonly title?: string;
  readonly type?: string;
  readonly url?: string;
  readonly tags?: readonly string[];
  readonly keepTime?: boolean;
  readonly includeVars?: boolean;
}

export interface VariableFile {
  readonly name?: string;
  readonly type?: string;
  readonly query?: string | { readonly query?: string };
  readonly datasource?: DatasourceFile;
  readonly refresh?: number;
  readonly sort?: number;
  readonly includeAll?: boolean;
  readonly allValue?: string;
}

export interface AnnotationFile {
  readonly name?: string;
  readonly datasource?: DatasourceFile;
  readonly target?: TargetFile;
}

/** Panels that draw something; rows are headings. */
export function drawnPanels(dashboard: DashboardFile): readonly PanelFile[] {
  return (dashboard.panels ?? []).filter(({ type }) => type !== 'row');
}

/** Every PromQL text with the place it stands in. */
export function promqlOf(dashboard: DashboardFile): { readonly place: string; readonly target: TargetFile }[] {
  const places = [
    ...drawnPanels(dashboard).map(({ title, targets }) => ({ place: `panel ${title}`, targets: targets ?? [] })),
    ...(dashboard.annotations?.list ?? []).map(({ name, target }) => ({
      place: `annotation ${name}`,
      targets: target === undefined ? [] : [target],
    })),
    ...(dashboard.templating?.list ?? []).map(({ name, query }) => ({
      place: `variable ${name}`,
      targets: labelValuesSelector(query),
    })),
  ];
  return places.flatMap(({ place, targets }) =>
    targets.filter(({ expr }) => expr !== undefined).map((target) => ({ place, target })),
  );
}

/** The selector inside `label_values(selector, label)`. */
function labelValuesSelector(query: VariableFile['query']): TargetFile[] {
  const text = typeof query === 'string' ? query : (query?.query ?? '');
  const selector = /^label_values\((.+),\s*\w+\)$/.exec(text)?.[1];
  return selector === undefined ? [] : [{ expr: selector }];
}
