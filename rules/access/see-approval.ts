import {
  decideAccess,
  type AccessDecision,
  type AccessSubject,
  type Principal,
  type Requirement,
} from './decide-access.ts';

/**
 * What part somebody has in an approval. `own`: they asked for it, are asked by name, were asked a question or have
 * had a say. `asked`: they are asked now as one of a role, or in the place of somebody else.
 */
export type ApprovalPart = 'own' | 'asked';

/**
 * Whether somebody sees an approval whose places they reach: who may see what it is about, up to their amount. Who is
 * asked decides on it without the scope of the subject; what is their own, people see whatever it is worth.
 */
export function decideSight(
  principal: Principal,
  requirement: Requirement,
  subject: AccessSubject,
  part: ApprovalPart | null,
): AccessDecision {
  if (part === 'own') return { outcome: 'allowed' };
  const scopes = part === 'asked' ? [...principal.scopes, requirement.scope] : principal.scopes;
  return decideAccess({ ...principal, scopes }, requirement, subject);
}
