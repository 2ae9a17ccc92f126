/**
 * Where the samples of a place (a project's environment) come from, as it is stored: secrets are sealed. One shape a
 * kind; sources/read-source.ts is the one switch that knows them all.
 */
export type Source = PullSource;

/** The application serves its five numbers itself. */
export interface PullSource {
  readonly kind: 'pull';
  readonly projectId: string;
  readonly url: string;
  /** The project's HMAC secret; null: requests are not signed. */
  readonly sealedSecret: Buffer | null;
}
