import { share, table } from '../tables.ts';
import type { GraphTally } from './grade.ts';
import type { QuietTally } from './quiet-others.ts';

/** What `run.ts` keeps: counts alone. */
export interface NotYouFigures {
  readonly incidents: readonly GraphTally[];
  readonly quiet: readonly QuietTally[];
}

/** Services that only suffer: rollbacks without and with the rule, and whom it names. */
function sufferingTable({ incidents }: NotYouFigures): string {
  const rows = incidents.map((t) => [
    `${t.system} ${t.part}`,
    ...[t.incidents, t.judged, t.alarms, t.rollbacks, t.rollbacksLeft].map(String),
    share(t.rollbacks / t.judged),
    share(t.rollbacksLeft / t.judged),
    ...[t.early, t.earlyLeft].map(String),
    ...[t.told, t.toldAndShown, t.named].map(String),
    share(t.named / t.told),
  ]);
  const header = ['only suffer', 'incidents', 'judged', 'alarms', 'rollbacks', '… left', 'share', '… left'];
  return table([[...header, 'early', '… left', 'told', '… shown', 'named', 'of told'], ...rows]);
}

/** The guilty ones, had they been deployed. */
function guiltyTable({ incidents }: NotYouFigures): string {
  const rows = incidents.map((t) => [
    `${t.system} ${t.part}`,
    ...[t.incidents, t.ownAlarms, t.ownExcused, t.ownRollbacks, t.ownLowered, t.ownEarly, t.ownEarlyLeft].map(String),
  ]);
  return table([['guilty', 'incidents', 'alarms', 'told', 'rollbacks', '… lowered', 'early', '… left'], ...rows]);
}

function quietTable({ quiet }: NotYouFigures): string {
  const rows = quiet.map(({ others, rollbacks, lowered }) => [
    String(others),
    String(rollbacks),
    String(lowered),
    (lowered / rollbacks).toFixed(4).replace(/^0\./, '.'),
  ]);
  return table([['quiet others', 'rollbacks', 'lowered', 'share'], ...rows]);
}

export const NOT_YOU_TABLES = { suffering: sufferingTable, guilty: guiltyTable, quiet: quietTable };
