import type { TimedReading } from '../../model/sample.ts';
import type { OtlpSource } from '../../model/source.ts';
import { type FailedReading, failed } from '../http/failure-reason.ts';
import type { Examination, ReadingCame, Rollout, VersionsRead } from '../source.ts';
import { examine } from './examine.ts';
import { type PointsStore, readingsOf, readSpan } from './read.ts';
import { requestsByVersion, tellVersionsApart } from './rollout.ts';

export interface OtlpReaderDeps {
  readonly points: PointsStore;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Reads samples from what was pushed to this installation: no call goes out. Rejects as the database does. */
export interface OtlpReader {
  /** The sample of the minute that ends at `endMs`, epoch milliseconds; `rollout`: whose versions are told apart. */
  minute(source: OtlpSource, endMs: number, rollout?: Rollout): Promise<ReadingCame | FailedReading>;
  /** The samples of the `minutes` minutes up to `endMs`, oldest first, without those that are not known whole. */
  span(
    source: OtlpSource,
    span: { readonly endMs: number; readonly minutes: number },
  ): Promise<readonly TimedReading[]>;
  /** Requests by version in the minute that ends at `endMs`. */
  versions(source: OtlpSource, endMs: number): Promise<VersionsRead | FailedReading>;
  examine(source: OtlpSource, endMs: number): Promise<Examination>;
}

export function createOtlpReader({ points, now }: OtlpReaderDeps): OtlpReader {
  return {
    async minute(source, endMs, rollout) {
      const { minutes, rows } = await readSpan(points, source, { endMs, minutes: 1, nowMs: now() });
      const [minute] = minutes;
      if (minute === undefined || minute.state === 'unknown') {
        return failed('bad_body', minute?.reason ?? 'nothing has been received');
      }
      if (minute.state === 'coming') {
        return { ...failed('bad_body', 'the minute’s last exports have not come yet'), comesUntilMs: minute.untilMs };
      }
      if (rollout !== undefined) {
        const atStart = await readSpan(points, source, { endMs: rollout.startedAtMs, minutes: 1, nowMs: now() });
        const apart = tellVersionsApart({ endMs, rows }, rollout, atStart.rows, source.settings.custom);
        if (apart !== null) return apart;
      }
      const { sample } = minute;
      if (!sample.ok) return failed('bad_body', sample.reason);
      return { outcome: 'ok', reading: sample.reading, leftOut: sample.leftOut };
    },
    span: async (source, span) => readingsOf(await readSpan(points, source, { ...span, nowMs: now() })),
    async versions(source, endMs) {
      const { minutes, rows } = await readSpan(points, source, { endMs, minutes: 1, nowMs: now() });
      if (minutes[0]?.state === 'coming') return failed('bad_body', 'the minute’s last exports have not come yet');
      const isKnown = minutes[0]?.state === 'known';
      return { outcome: 'ok', requests: isKnown ? requestsByVersion(rows, endMs) : new Map() };
    },
    examine: async (source, endMs) => await examine(points, source, { endMs, nowMs: now() }),
  };
}
