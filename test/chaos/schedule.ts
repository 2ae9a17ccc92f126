import { seeded } from '../../bench/verdict/random.ts';

/**
 * What goes wrong and when: drawn from a seed, so that a run that found something can be run again. One fault at a time,
 * each kind once a round, in a drawn order; what a fault meets is drawn too.
 */
export const FAULT_KINDS = [
  'kill_replica',
  'stop_replica',
  'rolling_restart',
  'kill_postgres',
  'terminate_backends',
  'proxy_hang',
  'proxy_swallow',
  'proxy_reset',
  'proxy_delay',
  'connection_limit',
  'disk_full',
  'clock_off',
  'clock_refused',
  'slow_names',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Seconds after the end of the fault before it. */
  readonly gapSeconds: number;
  /** How long it lasts; some take longer by themselves. */
  readonly seconds: number;
  /** Which replica, where one is meant. */
  readonly replica: number;
  /** +1 or −1, for clocks. */
  readonly sign: 1 | -1;
}

/** Seconds, least and most. A stopped replica outlives its heartbeat (10 s): its jobs run elsewhere when it wakes. */
const LASTS: Readonly<Record<FaultKind, readonly [number, number]>> = {
  kill_replica: [0, 1],
  stop_replica: [12, 18],
  rolling_restart: [0, 0],
  kill_postgres: [1, 3],
  terminate_backends: [0, 0],
  proxy_hang: [4, 8],
  proxy_swallow: [4, 8],
  proxy_reset: [2, 4],
  proxy_delay: [5, 9],
  connection_limit: [4, 7],
  disk_full: [4, 7],
  clock_off: [8, 12],
  clock_refused: [0, 0],
  slow_names: [5, 9],
};
const GAP_SECONDS = [1, 4] as const;

/** Faults during which nobody can be expected to give a verdict, for the whole installation. */
export const AWAY: ReadonlySet<FaultKind> = new Set(['kill_postgres', 'connection_limit', 'disk_full']);

export function drawSchedule(input: {
  readonly seed: number;
  readonly rounds: number;
  readonly replicas: number;
}): Fault[] {
  const random = seeded(input.seed);
  const between = ([least, most]: readonly [number, number]) => least + random() * (most - least);
  return Array.from({ length: input.rounds }, () => shuffled(FAULT_KINDS, random))
    .flat()
    .map((kind) => ({
      kind,
      gapSeconds: between(GAP_SECONDS),
      seconds: between(LASTS[kind]),
      replica: Math.floor(random() * input.replicas),
      sign: random() < 0.5 ? -1 : 1,
    }));
}

/** Seconds that it takes at least. */
export function leastSeconds(faults: readonly Fault[]): number {
  return faults.reduce((sum, { gapSeconds, seconds }) => sum + gapSeconds + seconds, 0);
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
