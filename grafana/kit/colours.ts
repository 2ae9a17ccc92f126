import type { SendingOutcome } from '../../src/model/notification.ts';
import type { TargetOutcome } from '../../src/model/telemetry.ts';
import type { VerdictName } from '../../src/verdict/types.ts';
import type { FieldLook } from './panel-spec.ts';

/** Names of Grafana's palette, so that both themes stay readable. */
export const COLOURS = {
  good: 'green',
  warning: 'orange',
  bad: 'red',
  unknown: '#8e8e99',
  neutral: 'blue',
  second: 'purple',
} as const;

export const VERDICT_COLOURS: Readonly<Record<VerdictName, string>> = {
  ok: COLOURS.good,
  attention: COLOURS.warning,
  rollback_recommended: COLOURS.bad,
  insufficient_data: COLOURS.unknown,
};

/** What came of a read of an observed application: ok green, what its team answers for in blue and purple, ours in red. */
const READ_COLOURS: Readonly<Record<TargetOutcome, string>> = {
  ok: COLOURS.good,
  timeout: COLOURS.warning,
  unreachable: COLOURS.bad,
  bad_status: COLOURS.second,
  bad_body: COLOURS.neutral,
  forbidden_address: 'yellow',
};

/** Looks for series whose legend ends in the outcome of a read. */
export const readLooks: readonly FieldLook[] = Object.entries(READ_COLOURS).map(([outcome, colour]) => ({
  name: `/\\b${outcome}$/`,
  colour,
}));

/** A verdict has the same colour wherever it is drawn: looks for series whose legend ends in it. */
export const verdictLooks: readonly FieldLook[] = Object.entries(VERDICT_COLOURS).map(([verdict, colour]) => ({
  name: `/\\b${verdict}$/`,
  colour,
}));
/** Where analyses can also have ended in a fault of ours. */
export const outcomeLooks: readonly FieldLook[] = [...verdictLooks, { name: '/\\berror$/', colour: 'dark-red' }];

const SENDING_COLOURS: Readonly<Record<SendingOutcome, string>> = {
  delivered: COLOURS.good,
  failed: COLOURS.warning,
  given_up: COLOURS.bad,
};

/** Looks for series whose legend ends in what came of an attempt to tell people. */
export const sendingLooks: readonly FieldLook[] = Object.entries(SENDING_COLOURS).map(([outcome, colour]) => ({
  name: `/\\b${outcome}$/`,
  colour,
}));
