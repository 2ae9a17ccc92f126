import type { Phase, StoredSample } from '../model/sample.ts';
import { numbersOf } from '../model/sample.ts';
import { METRICS, type SampleNumbers } from '../verdict/types.ts';
import { inProject } from './shards/shards.ts';
import { toFacts, toMissing } from './stored-shapes.ts';

export interface SampleRow extends SampleNumbers {
  phase: Phase | 'baseline';
  due_at: Date;
  collected_at: Date;
  missing: unknown;
  facts: unknown;
}

/** Of the deployment `$1`, of the project `$2` ({@link inProject}), its own and those of its baseline. */
export const SELECT_SAMPLES = `
  select phase, sequence, due_at, collected_at, missing, facts, ${METRICS.join(', ')}
  from seqpulse.samples where deployment_id = $1 and ${inProject(2)}
  union all
  select 'baseline', kept.position::smallint, kept.at, kept.at, null, kept.facts, ${METRICS.map((name) => `kept.${name}`).join(', ')}
  from seqpulse.deployment_baselines b
  cross join lateral unnest(b.collected_at, b.facts, ${METRICS.map((name) => `b.${name}`).join(', ')})
    with ordinality as kept (at, facts, ${METRICS.join(', ')}, position)
  where b.deployment_id = $1 and ${inProject(2, 'b.')}`;

export function toStoredSample(row: SampleRow): StoredSample {
  return {
    phase: row.phase === 'post' ? 'post' : 'pre',
    fromBaseline: row.phase === 'baseline',
    collectedAtMs: row.collected_at.getTime(),
    lateSeconds: Math.max(0, (row.collected_at.getTime() - row.due_at.getTime()) / 1000),
    ...numbersOf(row),
    ...missingOf(row),
    ...toFacts(row.facts),
  };
}

function missingOf(row: SampleRow): Pick<StoredSample, 'missing'> {
  const missing = toMissing(row.missing);
  return missing === null ? {} : { missing };
}
