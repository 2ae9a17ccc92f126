export const HOUR_MS = 3_600_000;

/** Partitions of the ring: 168 hours, the one being written, and one more for replicas whose clocks differ. */
const SLOTS = 170;
/** In which partition a sample lies, by its time. */
export const SLOT_OF_SAMPLE = `(collected_ms / ${HOUR_MS} % ${SLOTS})`;

export const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS);

export const slotOf = (hour: number): number => ((hour % SLOTS) + SLOTS) % SLOTS;

export const partitionOf = (slot: number): string => `seqpulse.baseline_samples_${String(slot).padStart(3, '0')}`;

/** The numbers of the partitions that hold `[fromMs, toMs)`. */
export function slotsOf(fromMs: number, toMs: number): number[] {
  const first = hourOf(fromMs);
  const count = Math.min(SLOTS, Math.max(0, hourOf(toMs - 1) - first + 1));
  return Array.from({ length: count }, (_, index) => slotOf(first + index));
}

/** Of a look that no day is too long for: its hours, and what of the first lies beyond. */
const MAX_NAMED = 25;

/**
 * What to read for `[fromMs, toMs)`: its partitions by name, for through their parent each of the 170 is looked at first, which
 * takes longer than the reading. null: too many; their parent is read, among `slotsOf`.
 */
export function partitionsOf(fromMs: number, toMs: number): readonly string[] | null {
  const slots = slotsOf(fromMs, toMs);
  return slots.length <= MAX_NAMED ? slots.map(partitionOf) : null;
}
