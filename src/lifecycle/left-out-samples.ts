import { evidenceOf } from '../baseline/evidence.ts';
import type { AnalysisContext } from '../model/deployment.ts';
import type { StoredSample } from '../model/sample.ts';
import { admit } from '../verdict/admit.ts';
import { DEFAULT_TUNING } from '../verdict/tuning.ts';
import { intervalOf } from './judgement-input.ts';

/** Which of a deployment's stored samples its verdict did not use, and why each: by the verdict's own road. */
export function leftOutSamples(
  context: AnalysisContext,
  samples: readonly StoredSample[],
): ReadonlyMap<StoredSample, string> {
  const { pre, post, setAside } = evidenceOf(samples, context);
  const given = new Set([...pre, ...post]);
  const found = new Map<StoredSample, string>();
  for (const sample of samples) {
    if (!given.has(sample)) found.set(sample, setAside[0]?.text ?? 'not part of the baseline');
  }
  const { baselineSamples } = DEFAULT_TUNING;
  const { leftOutSamples: left } = admit(pre, post, { baselineSamples, ...intervalOf(context) });
  for (const { phase, collectedAtMs, text } of left) {
    // Of two of one moment the later one went.
    const sample = samples.findLast(
      (one) => one.phase === phase && one.collectedAtMs === collectedAtMs && given.has(one) && !found.has(one),
    );
    if (sample !== undefined) found.set(sample, text);
  }
  return found;
}
