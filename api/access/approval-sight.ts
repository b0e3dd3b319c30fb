import type { Ledger } from '../../activities/ledger/connect.ts';
import {
  readApprovalSight,
  type ApprovalReader,
} from '../../activities/ledger/read/approval-sight.ts';
import type { Principal } from '../../rules/access/decide-access.ts';
import { decideSight } from '../../rules/access/see-approval.ts';
import type { Refusal } from './found-route.ts';
import { requirementOf, type CasedRequirement } from './route-access.ts';

/** Whose list of approvals it is; undefined for whoever sees all of them. */
export function readerOf(
  { id, scopes, reach }: Principal,
  { cases }: CasedRequirement,
): ApprovalReader | undefined {
  const kinds = Object.entries(cases).flatMap(([kind, { scope }]) =>
    scopes.includes(scope) ? [kind] : [],
  );
  const seesEveryKind = kinds.length === Object.keys(cases).length;
  const { amountMinor } = reach;
  if (seesEveryKind && amountMinor === null) return undefined;
  return {
    person: id,
    ...(seesEveryKind ? {} : { kinds }),
    ...(amountMinor === null ? {} : { limitMinor: amountMinor.toString() }),
  };
}

/** Why somebody may not see an approval; undefined where they may, or where there is none. */
export async function judgeSight(
  principal: Principal,
  about: CasedRequirement,
  approvalId: string,
  { ledger, at }: { readonly ledger: Ledger; readonly at: string },
): Promise<Refusal | undefined> {
  const sight = await readApprovalSight(ledger, { approvalId, person: principal.id, at });
  if (sight === null) return undefined;
  const { subjectKind, amountMinor, part } = sight;
  const requirement = requirementOf({ access: about }, subjectKind);
  if (requirement === undefined) {
    const text = 'Nobody sees things of this kind but who has a part in them.';
    return part === null ? { outcome: 'refused', rule: 'scope-missing', text } : undefined;
  }
  const decision = decideSight(principal, requirement, { amountMinor }, part);
  return decision.outcome === 'refused' ? decision : undefined;
}
