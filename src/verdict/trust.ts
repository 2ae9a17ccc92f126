import type { ServiceNoise, Trust, VerdictName } from './types.ts';
import { shareOf } from './wilson.ts';

/** Share of the cases that were bad where the confidence was fitted. */
export const FITTED_BAD_SHARE = 0.36;
/** Deployments that are bad, where nobody knows better. */
export const USUAL_BAD_SHARE = 0.1;

/** Of verdicts with a confidence in [from, to), how many there were out of fold and how many of them were right. */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly right: number;
}

/** `npm run bench:verdict:cv` prints them; docs/verdict.md shows them. */
export const BANDS: readonly Band[] = [
  { from: 0.5, to: 0.7, count: 7, right: 4 },
  { from: 0.7, to: 0.8, count: 22, right: 17 },
  { from: 0.8, to: 0.9, count: 85, right: 74 },
  { from: 0.9, to: 0.95, count: 88, right: 86 },
  { from: 0.95, to: 0.98, count: 116, right: 111 },
  { from: 0.98, to: 1.001, count: 680, right: 675 },
];

/**
 * What a confidence is worth. It was fitted where a third of the deployments were bad. Where fewer are, an alarm is right
 * less often and an `ok` more often: the odds are those of the confidence, times the odds of a bad deployment there and
 * here (Bayes).
 */
export function trustOf(
  verdict: VerdictName,
  confidence: number,
  badShare = USUAL_BAD_SHARE,
  noise: ServiceNoise | null = null,
): Trust | null {
  if (verdict === 'insufficient_data') return null;
  const isAlarm = verdict !== 'ok';
  const odds = (share: number) => share / (1 - share);
  const fitted = isAlarm ? odds(FITTED_BAD_SHARE) : 1 / odds(FITTED_BAD_SHARE);
  const bounded = Math.max(0.01, Math.min(0.9, badShare));
  const here = isAlarm ? odds(bounded) : 1 / odds(bounded);
  const right = (odds(Math.min(0.999, confidence)) / fitted) * here;
  const rightShare = Math.round((right / (1 + right)) * 1000) / 1000;
  const band = BANDS.find(({ from, to }) => confidence >= from && confidence < to);
  const share = band === undefined ? null : shareOf(band.right, band.count);
  return {
    interval: share === null ? null : { low: share.low, high: share.high },
    badShare: bounded,
    rightShare,
    noise,
    text: inWords(isAlarm, rightShare, bounded),
  };
}

const NUMBERS = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

function inWords(isAlarm: boolean, rightShare: number, badShare: number): string {
  const what = isAlarm ? 'alarms' : 'verdicts “ok”';
  const where = `where ${outOf(badShare)} deployments ${badShare < 0.15 && Math.round(badShare * 10) === 1 ? 'is' : 'are'} bad`;
  const tenths = Math.round(rightShare * 10);
  if (rightShare >= 0.95) {
    const wrong = Math.max(1, Math.round((1 - rightShare) * 100));
    return `of a hundred ${what} like this about ${100 - wrong} are right ${where}`;
  }
  return `of ten ${what} like this about ${NUMBERS[tenths] ?? tenths} ${tenths === 1 ? 'is' : 'are'} right ${where}`;
}

function outOf(share: number): string {
  const tenths = Math.round(share * 10);
  return tenths >= 1 ? `${NUMBERS[tenths] ?? tenths} of ten` : `${Math.max(1, Math.round(share * 100))} of a hundred`;
}
