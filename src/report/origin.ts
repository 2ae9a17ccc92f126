import type { ReportedDeployment } from './wire.ts';

/** What CI said; null where it did not. */
export interface Origin {
  readonly version: string | null;
  readonly commit: string | null;
  readonly branch: string | null;
  readonly actor: string | null;
  readonly service: string | null;
  /** http or https only. */
  readonly build: { readonly url: string; readonly host: string } | null;
}

export function originOf(deployment: ReportedDeployment): Origin {
  return {
    version: deployment.version ?? null,
    commit: deployment.commit_sha ?? null,
    branch: deployment.branch,
    actor: deployment.actor ?? null,
    service: deployment.service ?? null,
    build: buildOf(deployment.build_url ?? null),
  };
}

function buildOf(text: string | null): Origin['build'] {
  const match = text === null ? null : /^https?:\/\/([^/?#\s@]+)[^\s]*$/i.exec(text);
  return text === null || match === null ? null : { url: text, host: match[1] ?? '' };
}
