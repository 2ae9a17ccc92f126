import type { AlertName } from '../../prometheus/alert-catalog.ts';
import type { Thresholds } from './thresholds.ts';

/** What a person reads about a panel: its description in Grafana and its section of docs/panels.md. Markdown. */
export interface PanelTexts {
  /** How to read it: what a rise and a fall mean. The first sentence stands alone in Grafana. */
  readonly read: string;
  /** Why it can be empty, and how to feed it. */
  readonly empty: string;
  /** If it degrades, check this. */
  readonly check: string;
  /** The alerts whose runbook belongs to it. */
  readonly alerts?: readonly AlertName[];
}

export type QuerySpec = PromQuery | SqlQuery;

export interface PromQuery {
  readonly expr: string;
  /** Grafana's legend format; `{{label}}`. */
  readonly legend: string;
  /** Only the newest value: a stat must not show the last one before the target vanished. */
  readonly instant?: boolean;
}

export interface SqlQuery {
  readonly sql: string;
  /** `time_series`: columns time, numbers and optionally metric (the series' name). */
  readonly format: 'time_series' | 'table';
}

/** How one series or column differs from the rest of its panel. */
export interface FieldLook {
  /** Name of the series or column; a regular expression when it starts with `/`. */
  readonly name: string;
  readonly colour?: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly width?: number;
  readonly thresholds?: Thresholds;
  /** Table cells coloured by their thresholds. */
  readonly colouredCell?: boolean;
  /** Every cell that holds something is a link with this text. */
  readonly link?: { readonly text: string; readonly title: string; readonly url: string };
  /** Cells by value: text and colour. */
  readonly values?: Readonly<Record<string, { readonly text?: string; readonly colour: string }>>;
}

export interface PanelSpec extends PanelTexts {
  /** Part of links (viewPanel=…): never changes, never reused. */
  readonly id: number;
  readonly title: string;
  /** Columns of 24, and rows. */
  readonly width: number;
  readonly height: number;
  /** A unit id of Grafana; the lint knows them all. */
  readonly unit: string;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  readonly queries: readonly QuerySpec[];
  readonly thresholds?: Thresholds;
  readonly looks?: readonly FieldLook[];
  /** The axis reaches at least this far, so that a flat line near zero does not fill the panel. Default: by unit. */
  readonly softMax?: number;
  /** Of a table over PromQL: which labels are columns, in which order and under which names. */
  readonly columns?: {
    readonly hidden: readonly string[];
    readonly order: readonly string[];
    readonly names: Readonly<Record<string, string>>;
  };
  /** Shown in place of "No data" where emptiness means something. */
  readonly noValue?: string;
  readonly visual: Visual;
}

export type Visual =
  | {
      readonly kind: 'timeseries';
      readonly draw: 'line' | 'bars' | 'points';
      readonly stacked?: boolean;
      /** `table` for many series: one a line, and it scrolls. Default: a list. */
      readonly legend?: 'list' | 'table';
      /** Beside each name. */
      readonly legendCalcs?: readonly ('lastNotNull' | 'mean' | 'max' | 'sum')[];
      /** Joins points over gaps: for days without a deployment. */
      readonly connectGaps?: boolean;
    }
  | { readonly kind: 'stat'; readonly texts?: Readonly<Record<string, string>> }
  | { readonly kind: 'table'; readonly sortBy?: { readonly column: string; readonly descending: boolean } };
