import { type DayBefore, type DayOfMetric, LATE_METRICS } from '../verdict/late-day.ts';
import { isNumber, property } from './stored-json.ts';
import { STORED_SHAPES } from './stored-shapes.ts';

/** A metric that can't be read is not known. */
export function toDayBefore(stored: unknown): DayBefore {
  return Object.fromEntries(
    LATE_METRICS.flatMap((metric) => {
      const day = toDay(property(stored, metric));
      return day === null ? [] : [[metric, day]];
    }),
  );
}

function toDay(stored: unknown): DayOfMetric | null {
  const [last, typical, highest] = [property(stored, 'last'), property(stored, 'typical'), property(stored, 'highest')];
  const [steepest, slope, halfHours] = [
    property(stored, 'steepest'),
    property(stored, 'slope'),
    property(stored, 'halfHours'),
  ];
  if (!isNumber(last) || !isNumber(typical) || !isNumber(highest) || !isNumber(steepest) || !isNumber(slope)) {
    return null;
  }
  const known = Array.isArray(halfHours) ? halfHours.map((level) => (isNumber(level) ? level : null)) : [];
  return { last, typical, highest, steepest, slope, halfHours: known };
}

export function fromDayBefore(day: DayBefore): string {
  return JSON.stringify({ shape: STORED_SHAPES.dayBefore, ...day });
}
