import { type Markup, markup, type Piece } from '../report/markup.ts';

/** A limit as people write it, beside its name on the wire: `errors=0.4` is error_rate_rise 0.004. */
export interface LimitField {
  readonly param: string;
  readonly wire: string;
  readonly label: string;
  /** Inside a sentence: `errors from 0.4 points`. */
  readonly name: string;
  readonly unit: string;
  /** What is written times this is what the wire takes. */
  readonly factor: number;
}

export const LIMIT_FIELDS: readonly LimitField[] = [
  { param: 'errors', wire: 'error_rate_rise', label: 'Errors, points', name: 'errors', unit: ' points', factor: 0.01 },
  {
    param: 'latency',
    wire: 'latency_p95_growth',
    label: 'p95 latency, %',
    name: 'p95 latency',
    unit: '\u00a0%',
    factor: 0.01,
  },
  {
    param: 'latency_ms',
    wire: 'latency_p95_rise_ms',
    label: 'and at least, ms',
    name: 'p95 latency at least',
    unit: '\u00a0ms',
    factor: 1,
  },
  {
    param: 'traffic',
    wire: 'requests_per_sec_drop',
    label: 'Traffic lost, %',
    name: 'traffic lost',
    unit: '\u00a0%',
    factor: 0.01,
  },
  { param: 'cpu', wire: 'cpu_usage_rise', label: 'CPU, points', name: 'CPU', unit: ' points', factor: 0.01 },
  {
    param: 'memory',
    wire: 'memory_usage_rise',
    label: 'Memory, points',
    name: 'memory',
    unit: ' points',
    factor: 0.01,
  },
];

/** What the form shows: by parameter the text in the field and what is wrong with it. */
export interface LimitsFormInput {
  readonly action: string;
  readonly values: Readonly<Record<string, string>>;
  readonly faults: Readonly<Record<string, string>>;
  readonly isOpen: boolean;
}

/** A GET form: its address holds the limits, so that whoever has it sees the same. */
export function limitsForm({ action, values, faults, isOpen }: LimitsFormInput): Markup {
  const field = ({ param, label }: LimitField): Piece => {
    const fault = faults[param];
    const marks = fault === undefined ? '' : markup` aria-invalid="true" aria-describedby="f-${param}"`;
    return markup`<label>${label}<input name="${param}" inputmode="decimal" value="${values[param] ?? ''}" autocomplete="off" maxlength="12"${marks}>${
      fault === undefined ? '' : markup`<span class="fault" id="f-${param}">${fault}</span>`
    }</label>`;
  };
  return markup`<details class="fold"${isOpen ? markup` open` : ''}><summary>Judge again with other limits <span>the same samples; nothing is stored</span></summary><form class="lim" method="get" action="${action}#again">${LIMIT_FIELDS.map(field)}<button>Judge again</button></form></details>`;
}
