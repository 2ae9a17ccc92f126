import type { Tone } from '../report/words.ts';

/** The class that colours a tone; colour means judgement and nothing else. */
export const TONE_CLASS: Record<Tone, 'ok' | 'at' | 'rb' | 'no' | 'ob'> = {
  ok: 'ok',
  attention: 'at',
  rollback: 'rb',
  'no-data': 'no',
  observing: 'ob',
  running: 'ob',
  abandoned: 'no',
};

export function toneClass(severity: 'none' | 'attention' | 'critical'): '' | 'at' | 'rb' {
  return severity === 'critical' ? 'rb' : severity === 'attention' ? 'at' : '';
}
