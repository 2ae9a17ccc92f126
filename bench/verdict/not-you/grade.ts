import { EXPLAIN_TUNING, type ExplainTuning } from '../../../src/verdict/others/explain.ts';
import { earlyCalls } from './early-calls.ts';
import type { Incident, Part } from './incident.ts';
import { besideSeen, type Seen, see } from './see.ts';

/** Counts of one system's incidents, each service in turn taken for the one that was deployed when the fault began. */
export interface GraphTally {
  readonly system: Incident['system'] | 'all';
  readonly part: Part | 'both';
  incidents: number;
  /** Services that only suffer: judged, alarms and rollbacks, the latter without and with the rule. */
  judged: number;
  alarms: number;
  rollbacks: number;
  rollbacksLeft: number;
  /** Of the judged, early rollbacks without and with it. */
  early: number;
  earlyLeft: number;
  /** Their alarms that say "perhaps not this deployment"; of those the guilty one showed itself in, and is named in. */
  told: number;
  toldAndShown: number;
  named: number;
  namedFirst: number;
  /** The guilty one: alarms and rollbacks, those excused, and those lowered. */
  ownAlarms: number;
  ownRollbacks: number;
  ownExcused: number;
  ownLowered: number;
  ownEarly: number;
  ownEarlyLeft: number;
}

const SYSTEMS: readonly GraphTally['system'][] = ['OnlineBoutique', 'TrainTicket', 'PetShop', 'all'];
const PARTS: readonly GraphTally['part'][] = ['open', 'kept', 'both'];
const placeOf = ({ system, part }: GraphTally) => SYSTEMS.indexOf(system) * PARTS.length + PARTS.indexOf(part);

const NOTHING = {
  incidents: 0,
  judged: 0,
  alarms: 0,
  rollbacks: 0,
  rollbacksLeft: 0,
  early: 0,
  earlyLeft: 0,
  told: 0,
  toldAndShown: 0,
  named: 0,
  namedFirst: 0,
  ownAlarms: 0,
  ownRollbacks: 0,
  ownExcused: 0,
  ownLowered: 0,
  ownEarly: 0,
  ownEarlyLeft: 0,
};

export function gradedIncidents(incidents: readonly Incident[], tuning: ExplainTuning = EXPLAIN_TUNING): GraphTally[] {
  const tallies = new Map<string, GraphTally>();
  const tallyOf = (system: GraphTally['system'], part: GraphTally['part']) => {
    const tally = tallies.get(`${system} ${part}`) ?? { system, part, ...NOTHING };
    tallies.set(`${system} ${part}`, tally);
    return tally;
  };
  const talliesOf = ({ system, part }: Incident) => [
    tallyOf(system, part),
    tallyOf('all', part),
    tallyOf('all', 'both'),
  ];
  for (const incident of incidents) {
    const seen = [...incident.services].map(([name, windows]) => see(name, windows));
    const early = earlyCalls(incident);
    for (const tally of talliesOf(incident)) {
      tally.incidents++;
      for (const { name, judgement } of seen) {
        if (judgement.verdict === 'insufficient_data') continue;
        const isOwn = name === incident.guilty;
        if (early.alone.has(name)) tally[isOwn ? 'ownEarly' : 'early']++;
        if (early.beside.has(name)) tally[isOwn ? 'ownEarlyLeft' : 'earlyLeft']++;
      }
      for (const one of seen) add(tally, one, seen, incident.guilty, tuning);
    }
  }
  return [...tallies.values()].sort((a, b) => placeOf(a) - placeOf(b));
}

function add(tally: GraphTally, one: Seen, seen: readonly Seen[], guilty: string, tuning: ExplainTuning): void {
  const { verdict } = one.judgement;
  if (verdict === 'insufficient_data') return;
  const isAlarm = verdict !== 'ok';
  const isRollback = verdict === 'rollback_recommended';
  const { judgement, beside } = besideSeen(one, seen, tuning);
  const isExcused = beside.suspects.length > 0;
  if (one.name === guilty) {
    if (isAlarm) tally.ownAlarms++;
    if (isRollback) tally.ownRollbacks++;
    if (isExcused) tally.ownExcused++;
    if (beside.lowered) tally.ownLowered++;
    return;
  }
  tally.judged++;
  if (isAlarm) tally.alarms++;
  if (isRollback) tally.rollbacks++;
  if (judgement.verdict === 'rollback_recommended') tally.rollbacksLeft++;
  if (!isExcused) return;
  tally.told++;
  if (seen.some(({ name, movement }) => name === guilty && movement !== null)) tally.toldAndShown++;
  if (beside.suspects.includes(guilty)) tally.named++;
  if (beside.suspects[0] === guilty) tally.namedFirst++;
}
