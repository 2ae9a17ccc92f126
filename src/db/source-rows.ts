import { isOtlpSettings, type Source, type StoredSettings } from '../model/source.ts';
import { toSettings } from './stored-settings.ts';

/** A row of the view seqpulse.active_sources, which alone says what is active where. */
export interface SourceRow {
  source_kind: Source['kind'];
  project_id: string;
  env: string;
  /** Of a pull source its endpoint, of others what they are called by (`identityOf`). */
  url: string;
  hmac_secret_encrypted: Buffer | null;
  settings: unknown;
  credentials_encrypted: Buffer | null;
}

/** null: its settings are gone. */
export function toSource(row: SourceRow): Source | null {
  const projectId = row.project_id;
  if (row.source_kind === 'pull') {
    return { kind: 'pull', projectId, url: row.url, sealedSecret: row.hmac_secret_encrypted };
  }
  const settings = toSettings(row.settings);
  if (settings === null) return null;
  return sourceOf(projectId, row.env, { settings, sealedCredentials: row.credentials_encrypted });
}

/** `env` null: the project's default place. */
export function sourceOf(projectId: string, env: string | null, { settings, sealedCredentials }: StoredSettings) {
  return isOtlpSettings(settings)
    ? ({ kind: 'otlp', projectId, env, settings } satisfies Source)
    : ({ kind: 'prometheus', projectId, settings, sealedCredentials } satisfies Source);
}
