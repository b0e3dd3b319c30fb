import { ROLE_NAMES, scopesOf, type Role } from '../../rules/access/roles.ts';
import { APPROVAL_SUBJECTS, type ApprovalSubject } from '../../rules/policy/approval-matrix.ts';
import { requirementOf, ROUTE_ACCESS } from './route-access.ts';

/** The roles with a scope that decides on one of these subjects at least, or on any where none is named. */
export function decidingRoles(subjects: readonly ApprovalSubject[] | null): Role[] {
  const access = ROUTE_ACCESS['POST /v1/approvals/{id}/decisions'];
  if (access?.guard !== 'scope') return [];
  const scopes = (subjects ?? APPROVAL_SUBJECTS).map(
    (subject) => requirementOf(access, subject)?.scope,
  );
  return ROLE_NAMES.filter((role) => scopesOf([role]).some((scope) => scopes.includes(scope)));
}
