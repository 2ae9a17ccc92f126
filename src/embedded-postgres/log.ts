/** `event` is a stable dotted name; the fields hold places, ports and durations, never the password. */
export type EmbeddedLog = (event: string, fields: Readonly<Record<string, unknown>>) => void;
