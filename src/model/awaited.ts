/** What a request waits for: a deployment's end, by its id, or an early verdict on it. Told by the same names. */
export type Awaited = string;

export const earlyOf = (deploymentId: string): Awaited => `${deploymentId} early`;

/** The deployment's id. */
export const idOf = (awaited: Awaited): string => awaited.split(' ', 1)[0] ?? awaited;
