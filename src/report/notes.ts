import { earlyNote } from './early.ts';
import { foundNote } from './found.ts';
import { othersNote } from './others.ts';
import type { ReportedDeployment } from './wire.ts';
import { counted, type Tone } from './words.ts';

const OUTCOME_WORDS: Readonly<Record<string, string>> = {
  cancelled: 'was cancelled',
  canceled: 'was cancelled',
  skipped: 'was skipped',
};

/** What a reader would misread the verdict without: sentences. */
export function notesOf(deployment: ReportedDeployment, tone: Tone): string[] {
  const early = earlyNote(deployment);
  const notes: string[] = [early, othersNote(deployment), foundNote(deployment)].filter((note) => note !== null);
  if (deployment.pipeline_result === 'failed') {
    const how = OUTCOME_WORDS[deployment.pipeline_outcome ?? ''] ?? 'failed';
    notes.push(`The pipeline itself ${how}. That is no evidence about the five numbers.`);
  }
  if (deployment.superseded_by !== null && tone !== 'abandoned') {
    const { collected, expected } = deployment.samples?.after ?? { collected: 0, expected: 0 };
    const on = expected > 0 ? `${counted(collected)} of ${counted(expected)} samples` : 'the samples that there were';
    notes.push(`A newer deployment started here before the window was over: judged on ${on}.`);
  }
  if (tone === 'abandoned' && deployment.superseded_by === null) {
    notes.push('Its environment is free again. Call finish also when a pipeline fails, or let seqpulse run do it.');
  }
  return notes;
}
