import {
  type DynamicConfigValue,
  MappingType,
  type SpecialValueMap,
  SpecialValueMatch,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { COLOURS } from './colours.ts';
import type { FieldLook } from './panel-spec.ts';
import type { Thresholds } from './thresholds.ts';

/** A cell without a value is neither green nor red, nor the panel's sentence for "no rows" cut to its width. */
export const UNKNOWN_CELL: SpecialValueMap = {
  type: MappingType.SpecialValue,
  options: { match: SpecialValueMatch.NullAndNan, result: { text: '–', color: COLOURS.unknown, index: 0 } },
};

/** The overrides of one series or column, in Grafana's form. */
export function overrideProperties(look: FieldLook): DynamicConfigValue[] {
  const properties: DynamicConfigValue[] = [];
  if (look.colour !== undefined) properties.push({ id: 'color', value: { mode: 'fixed', fixedColor: look.colour } });
  if (look.unit !== undefined) properties.push({ id: 'unit', value: look.unit });
  if (look.decimals !== undefined) properties.push({ id: 'decimals', value: look.decimals });
  if (look.width !== undefined) properties.push({ id: 'custom.width', value: look.width });
  if (look.thresholds !== undefined) properties.push({ id: 'thresholds', value: thresholdsConfig(look.thresholds) });
  const mappings = [
    ...(look.values === undefined ? [] : [valueMapping(look.values)]),
    ...(look.link === undefined
      ? []
      : [{ type: MappingType.RegexToText, options: { pattern: '.+', result: { text: look.link.text, index: 0 } } }]),
  ];
  // A column's own mappings stand in place of the table's.
  if (mappings.length > 0) properties.push({ id: 'mappings', value: [...mappings, UNKNOWN_CELL] });
  if (look.link !== undefined) {
    const { title, url } = look.link;
    properties.push({ id: 'links', value: [{ title, url, targetBlank: true }] });
  }
  if (look.colouredCell === true) {
    properties.push({ id: 'color', value: { mode: 'thresholds' } });
    properties.push({ id: 'custom.cellOptions', value: { type: 'color-text' } });
  }
  return properties;
}

export function thresholdsConfig(steps: Thresholds) {
  return { mode: 'absolute', steps: steps.map((step) => ({ ...step })) };
}

function valueMapping(values: NonNullable<FieldLook['values']>) {
  const options = Object.entries(values).map(([value, { text, colour }], index) => [
    value,
    { ...(text === undefined ? {} : { text }), color: colour, index },
  ]);
  return { type: 'value', options: Object.fromEntries(options) };
}
