import type { CustomMetric, CustomValue } from '../../src/verdict/custom/custom-metric.ts';
import { judge } from '../../src/verdict/judge.ts';
import type { Finding, Judgement, Sample } from '../../src/verdict/types.ts';
import { deployment } from './samples.ts';

/** `read(i)` for the 15 samples before, from 0 on, and for the 5 after, from 15 on. */
export function judgedWith(metric: CustomMetric, read: (index: number) => CustomValue | null): Judgement {
  const input = deployment(15, 5);
  const add = (from: number) => (sample: Sample, i: number) => {
    const value = read(from + i);
    return value === null ? sample : { ...sample, custom: { [metric.name]: value } };
  };
  return judge({ ...input, pre: input.pre.map(add(0)), post: input.post.map(add(15)), custom: [metric] });
}

export const findingOf = ({ details }: Judgement): Finding => details.at(-1) as Finding;
