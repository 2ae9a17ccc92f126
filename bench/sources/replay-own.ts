import type { CustomInstrument } from '../../src/model/source.ts';
import type { JudgeInput, MetricName, Sample } from '../../src/verdict/types.ts';
import type { Case } from '../verdict/cases.ts';
import { RENAMED, renamed } from '../verdict/custom-columns.ts';
import type { EdgesOf } from './replay.ts';
import { type OwnInstruments, replayOtlp } from './replay-otlp.ts';

const DURATION = 'checkout.duration';
const CALLS = 'checkout.calls';

/** How an application exports what the column was, and what its team asks of that. */
const ASKED: Readonly<
  Partial<Record<MetricName, Pick<CustomInstrument, 'instrument' | 'attributes' | 'statistic' | 'of'>>>
> = {
  latency_p95: { instrument: DURATION, attributes: {}, statistic: 'p95', of: null },
  error_rate: {
    instrument: CALLS,
    attributes: { outcome: 'failed' },
    statistic: null,
    of: { instrument: CALLS, attributes: {} },
  },
  requests_per_sec: { instrument: CALLS, attributes: {}, statistic: null, of: null },
};

/**
 * Each case as the engine gets it when the application pushes these columns as instruments of its own and its team has
 * defined them: the five do without them, as in `renamed`, and what stands for them is what was read of the instruments.
 */
export function replayOwn(cases: readonly Case[], edgesOf: EdgesOf, columns: readonly MetricName[]): JudgeInput[] {
  const metrics = columns.flatMap((column): CustomInstrument[] => {
    const [metric, asked] = [RENAMED[column], ASKED[column]];
    return metric === undefined || asked === undefined ? [] : [{ ...metric, ...asked }];
  });
  const own: OwnInstruments = { metrics, duration: DURATION, calls: CALLS };
  return replayOtlp(cases, edgesOf, own).map((input) => {
    const moved = renamed(input, columns);
    const read = (from: readonly Sample[], to: readonly Sample[]) =>
      to.map(({ latencyMean, latencyBucket, ...sample }, index): Sample => {
        const { custom } = from[index] ?? {};
        // Of the latency that is judged elsewhere nothing is left here.
        const facts = columns.includes('latency_p95')
          ? {}
          : {
              ...(latencyMean === undefined ? {} : { latencyMean }),
              ...(latencyBucket === undefined ? {} : { latencyBucket }),
            };
        return { ...sample, ...facts, ...(custom === undefined ? {} : { custom }) };
      });
    return { ...moved, pre: read(input.pre, moved.pre), post: read(input.post, moved.post), custom: metrics };
  });
}
