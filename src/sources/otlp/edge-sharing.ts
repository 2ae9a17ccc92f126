import { areSameEdges } from './distribution.ts';
import { isExponential, type KeptPoint } from './points.ts';

/** A point's value with edges that other points have too, and these edges as text (empty: it has none). */
export type EdgeSharing = (value: KeptPoint['value']) => {
  readonly shared: KeptPoint['value'];
  readonly edges: string;
};

/**
 * For points of one instrument, which have the same edges as a rule: those of the last point are kept and written out once,
 * however many points have them.
 */
export function createEdgeSharing(): EdgeSharing {
  let last: { readonly edgesMs: readonly number[]; readonly text: string } = { edgesMs: [], text: '' };
  return (value) => {
    if (typeof value === 'number' || isExponential(value.buckets)) return { shared: value, edges: '' };
    const { edgesMs, counts } = value.buckets;
    if (!areSameEdges(last.edgesMs, edgesMs)) last = { edgesMs, text: edgesMs.join(' ') };
    return { shared: { ...value, buckets: { edgesMs: last.edgesMs, counts } }, edges: last.text };
  };
}
