export interface ThresholdStep {
  /** null: from the lowest value on. */
  readonly value: number | null;
  readonly color: 'green' | 'orange' | 'red';
}
export type Thresholds = readonly ThresholdStep[];

/** Green, orange from `warning`, red from `critical`: for what is bad when it is high. */
export function badAbove(warning: number, critical: number): Thresholds {
  return [
    { value: null, color: 'green' },
    { value: warning, color: 'orange' },
    { value: critical, color: 'red' },
  ];
}

/** Red, orange from `critical`, green from `warning`: for what is bad when it is low. */
export function badBelow(warning: number, critical: number): Thresholds {
  return [
    { value: null, color: 'red' },
    { value: critical, color: 'orange' },
    { value: warning, color: 'green' },
  ];
}

/** Green, then one limit alone. */
export function limitAt(value: number, color: 'orange' | 'red'): Thresholds {
  return [
    { value: null, color: 'green' },
    { value, color },
  ];
}
