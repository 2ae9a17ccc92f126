import { identityOf } from './identity.ts';
import type { Attributes } from './wire/decoded.ts';

/** Characters of a name that are kept. */
const MAX_NAME = 255;

/** Where the points of a resource belong. */
export interface Place {
  /** Of the three below, as one. */
  readonly name: string;
  readonly env: string;
  readonly serviceName: string;
  readonly serviceVersion: string;
  readonly sender: number;
}

/** Or why there is none. */
export function placeOf(attributes: Attributes, envs: readonly string[]): Place | string {
  const told = attributes.get('deployment.environment.name') ?? attributes.get('deployment.environment');
  const env = told ?? (envs.length === 1 ? envs[0] : undefined);
  if (env === undefined) {
    return `deployment.environment.name is missing; the project has ${envs.map((one) => JSON.stringify(one)).join(', ')}`;
  }
  if (!envs.includes(env)) {
    return `the project has no environment ${JSON.stringify(env.slice(0, 64))}; it has ${envs.map((one) => JSON.stringify(one)).join(', ')}`;
  }
  const serviceName = storable(attributes.get('service.name'));
  const serviceVersion = storable(attributes.get('service.version'));
  return {
    name: JSON.stringify([env, serviceName, serviceVersion]),
    env,
    serviceName,
    serviceVersion,
    sender: identityOf('', attributes),
  };
}

/** PostgreSQL keeps no NUL. */
function storable(text = ''): string {
  return text.replaceAll('\0', '').slice(0, MAX_NAME).toWellFormed();
}
