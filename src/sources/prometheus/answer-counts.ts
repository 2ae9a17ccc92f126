import type { ExaminedNumber } from '../source.ts';
import type { QueryAnswer } from './answer.ts';
import type { CustomAnswer } from './custom.ts';

/** What came for one query of a test, whatever it means: series met, warnings, minutes that hold a number. */
export function answerCounts(
  answer: CustomAnswer | QueryAnswer | undefined,
): Pick<ExaminedNumber, 'series' | 'warnings' | 'minutesWithData'> {
  if (answer?.outcome !== 'ok') return { series: 0, warnings: [], minutesWithData: 0 };
  const { series, warnings } = answer;
  const points = series.length === 1 ? (series[0]?.points ?? []) : [];
  return {
    series: series.length,
    warnings,
    minutesWithData: points.filter(([, value]) => Number.isFinite(value)).length,
  };
}
