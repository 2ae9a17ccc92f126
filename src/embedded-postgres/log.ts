/** `event` is a stable dotted name; the fields hold places, ports and durations, never the password. */
export type EmbeddedLog = (event: string, fields: Readonly<Record<string, unknown>>) => void;

/** What takes seconds, told when it begins: `making` the database (initdb), `starting` its server. */
export type EmbeddedStep = 'making' | 'starting';
export type TellStep = (step: EmbeddedStep) => void;
