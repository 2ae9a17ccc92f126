import type { Operation, Operations } from './operation.ts';
import { DEPLOYMENT_OPERATIONS } from './operations-deployments.ts';
import { MEASUREMENT_OPERATIONS } from './operations-measurements.ts';
import { NOTIFICATION_OPERATIONS } from './operations-notifications.ts';
import { OPEN_OPERATIONS } from './operations-open.ts';
import { OPERATOR_OPERATIONS } from './operations-operators.ts';
import { PROJECT_OPERATIONS } from './operations-projects.ts';

const OPERATIONS: Operations = {
  ...DEPLOYMENT_OPERATIONS,
  ...MEASUREMENT_OPERATIONS,
  ...PROJECT_OPERATIONS,
  ...NOTIFICATION_OPERATIONS,
  ...OPERATOR_OPERATIONS,
  ...OPEN_OPERATIONS,
};

export const operationKey = ({ method, path }: { readonly method: string; readonly path: string }): string =>
  `${method} ${path}`;

/** Throws for a route that nobody has described, saying where to. */
export function operationOf(route: { readonly method: string; readonly path: string }): Operation {
  const operation = OPERATIONS[operationKey(route)];
  if (operation !== undefined) return operation;
  throw new Error(
    `${operationKey(route)} is in the route table and not described: give it summary, answer and refuses in ` +
      'src/http/openapi/operations-*.ts, then run `npm run generate`.',
  );
}

/** Described, and in no table: what a route left behind. */
export function leftBehind(routes: readonly { readonly method: string; readonly path: string }[]): string[] {
  const known = new Set(routes.map(operationKey));
  return Object.keys(OPERATIONS).filter((key) => !known.has(key));
}
