import type { PrometheusSettings } from '../../model/source.ts';
import { type FailedReading, failed } from '../http/failure-reason.ts';
import type { ReadingCame, Rollout } from '../source.ts';
import { controlSettings, withControl } from './control.ts';
import { readMinuteOf } from './read.ts';
import { readRollout } from './rollout.ts';
import type { Session } from './session.ts';
import { versionLabelOf } from './versions.ts';

/**
 * The sample of the minute that ends at `endMs`, epoch milliseconds, with its control. `rollout`: it is one after a
 * deployment; its versions are told apart where that can be.
 */
export async function readMinute(
  session: Session,
  settings: PrometheusSettings,
  minute: { readonly endMs: number; readonly rollout?: Rollout | undefined },
): Promise<ReadingCame | FailedReading> {
  const { endMs, rollout } = minute;
  const label = versionLabelOf(settings);
  const beside = controlSettings(settings);
  const [own, control] = await Promise.all([
    rollout === undefined || label === null
      ? readWhole(session, settings, endMs)
      : readRollout(session, settings, label, { endMs, rollout }),
    beside === null ? null : readMinuteOf(session, beside, endMs),
  ]);
  if (own.outcome !== 'ok' || control === null) return own;
  // Without its control a minute is still one.
  return 'outcome' in control || !control.ok ? own : { ...own, reading: withControl(own.reading, control.reading) };
}

async function readWhole(
  session: Session,
  settings: PrometheusSettings,
  endMs: number,
): Promise<ReadingCame | FailedReading> {
  const sample = await readMinuteOf(session, settings, endMs);
  if ('outcome' in sample) return sample;
  if (!sample.ok) return failed('bad_body', sample.reason, 200);
  return { outcome: 'ok', reading: sample.reading, leftOut: sample.leftOut };
}
