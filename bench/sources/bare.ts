import type { JudgeInput, Sample } from '../../src/verdict/types.ts';

/** As if a source told nothing but the five numbers. */
export function withoutFacts(input: JudgeInput): JudgeInput {
  const bare = ({ latencyMean: _, latencyBucket: __, cpuCores: ___, ...sample }: Sample): Sample => sample;
  return { ...input, pre: input.pre.map(bare), post: input.post.map(bare) };
}
