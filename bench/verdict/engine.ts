import { DEFAULT_CONFIDENCE } from '../../src/verdict/confidence.ts';
import { judge } from '../../src/verdict/judge.ts';
import { DEFAULT_TUNING, type Tuning } from '../../src/verdict/tuning.ts';
import type { JudgeInput, Limits } from '../../src/verdict/types.ts';
import type { Prediction } from './scores.ts';

/** What the benchmark keeps of a judgement. `strength` is the loudest metric's: the alarm starts at 1. */
export interface EnginePrediction extends Prediction {
  readonly confidence: number;
  readonly strength: number;
}

export function predict(
  input: JudgeInput,
  tuning: Tuning = DEFAULT_TUNING,
  limits: Partial<Limits> = {},
): EnginePrediction {
  const judgement = judge({ ...input, limits }, { tuning, confidence: DEFAULT_CONFIDENCE });
  return {
    verdict: judgement.verdict,
    metrics: judgement.details.flatMap((f) => (f.severity !== 'none' && f.metric !== 'custom' ? [f.metric] : [])),
    confidence: judgement.confidence,
    strength: Math.max(0, ...judgement.details.map((f) => f.evidence.strength ?? 0)),
  };
}
