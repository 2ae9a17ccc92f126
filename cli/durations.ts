import { Misuse } from './misuse.ts';

const MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of "90s", "20m", "1h"; `name` is said when it is none of these. */
export function readDuration(text: string, name: string): number {
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim());
  if (parts === null) throw new Misuse(`${name} is ${JSON.stringify(text)}; it should look like 90s, 20m or 1h.`);
  return Number(parts[1]) * MS[parts[2] as keyof typeof MS];
}

/** "2 min 10 s", "45 s" */
export function sayDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  if (minutes === 0) return `${seconds} s`;
  return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
}
