export interface StartSettings {
  /** undefined: the one of the last start, or any that is free. */
  readonly port: number | undefined;
  readonly durable: boolean;
  readonly maxConnections: number;
}
