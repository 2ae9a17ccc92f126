import type { Source } from '../model/source.ts';

/** A row of the view seqpulse.active_sources, which alone says what is active where. */
export interface SourceRow {
  source_kind: 'pull';
  project_id: string;
  url: string;
  hmac_secret_encrypted: Buffer | null;
}

export function toSource(row: SourceRow): Source {
  return { kind: row.source_kind, projectId: row.project_id, url: row.url, sealedSecret: row.hmac_secret_encrypted };
}
