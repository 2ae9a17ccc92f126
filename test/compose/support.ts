import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface ComposeService {
  readonly image?: string;
  readonly stop_grace_period?: string;
  readonly profiles?: readonly string[];
  readonly network_mode?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly configs?: readonly { readonly source: string; readonly target: string }[];
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly configs?: Readonly<Record<string, { readonly content: string }>>;
}

/** Everything in containers, and the two that leave the service on the host. */
export const COMPOSE_FILES = ['compose.yaml', 'compose.watch.yaml', 'compose.watch-desktop.yaml'] as const;
export const WATCH_FILES = ['compose.watch.yaml', 'compose.watch-desktop.yaml'] as const;

/** The file as compose reads it: `${NAME:-default}`, also one in another's default, replaced from `env`. */
export function readCompose(file: string, env: Readonly<Record<string, string>> = {}): ComposeFile {
  let text = readFileSync(file, 'utf8');
  for (let before = ''; before !== text; ) {
    before = text;
    text = text.replace(/\$\{(\w+):-([^{}]*)\}/g, (_, name: string, fallback: string) => env[name] || fallback);
  }
  return parse(text, { merge: true });
}
