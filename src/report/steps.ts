import { duration } from './times.ts';
import type { ReportedDeployment } from './wire.ts';

/** One stop on a deployment's way. */
export interface Step {
  readonly label: string;
  /** Epoch milliseconds; null: not known yet. */
  readonly atMs: number | null;
  /** How long it took to get there, or how long it will; '' where that says nothing. */
  readonly note: string;
  readonly isDone: boolean;
}

const ms = (time: string | null | undefined): number | null => (typeof time === 'string' ? Date.parse(time) : null);

/** Triggered → pipeline finished → observed until → verdict; an abandoned one ends where it was left. */
export function stepsOf(deployment: ReportedDeployment, nowMs: number): Step[] {
  const { state, pipeline_result: result } = deployment;
  const isFound = deployment.origin === 'detected';
  const startedMs = Date.parse(deployment.started_at);
  const finishedMs = ms(deployment.finished_at);
  const analyzedMs = ms(deployment.analyzed_at);
  const dueMs = ms(deployment.verdict_due_at);
  const untilMs = ms(deployment.observed_until) ?? (state === 'finished' ? dueMs : null);
  const triggered: Step = { label: isFound ? 'First seen' : 'Triggered', atMs: startedMs, note: '', isDone: true };
  if (state === 'abandoned') return [triggered, { label: 'Abandoned', atMs: null, note: '', isDone: true }];
  return [
    triggered,
    {
      label: isFound ? 'Found' : finishedMs !== null && result === 'failed' ? 'Pipeline failed' : 'Pipeline finished',
      atMs: finishedMs,
      note: finishedMs === null ? '' : duration(finishedMs - startedMs),
      isDone: finishedMs !== null,
    },
    {
      label: 'Observed until',
      atMs: untilMs,
      note: untilMs === null || finishedMs === null ? '' : duration(untilMs - finishedMs),
      isDone: state === 'analyzed',
    },
    state === 'analyzed'
      ? { label: 'Verdict', atMs: analyzedMs, note: '', isDone: true }
      : {
          label: 'Verdict due',
          atMs: dueMs,
          note: dueMs === null || dueMs <= nowMs ? '' : `in ${duration(dueMs - nowMs)}`,
          isDone: false,
        },
  ];
}
