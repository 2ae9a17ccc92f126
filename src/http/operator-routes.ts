import {
  deleteOperator,
  listAudit,
  listOperators,
  patchOperator,
  postErasure,
  postOperator,
  postOperatorToken,
} from './handlers/operators.ts';
import { erasureBody, newOperatorBody, operatorChangeBody } from './operator-schemas.ts';
import { type Route, route } from './request.ts';
import { pageQuery } from './schemas.ts';

const access = 'operator';

/** Who may do what, and who did. */
export const OPERATOR_ROUTES: readonly Route[] = [
  route({ method: 'GET', path: '/operators', access, handle: listOperators }),
  route({ method: 'POST', path: '/operators', access, body: newOperatorBody, handle: postOperator }),
  route({ method: 'PATCH', path: '/operators/{id}', access, body: operatorChangeBody, handle: patchOperator }),
  route({ method: 'POST', path: '/operators/{id}/token', access, handle: postOperatorToken }),
  route({ method: 'DELETE', path: '/operators/{id}', access, handle: deleteOperator }),
  route({ method: 'GET', path: '/audit', access, query: pageQuery, handle: listAudit }),
  route({ method: 'POST', path: '/erasures', access, body: erasureBody, handle: postErasure }),
];
