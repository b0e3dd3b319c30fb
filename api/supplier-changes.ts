import type { EditResult, SupplierInput } from '../activities/ledger/intake/master-data.ts';
import { judgeDuties } from '../activities/ledger/read/duties.ts';
import type { ApiContext } from './context.ts';
import { editMasterData } from './master-data-edits.ts';

/**
 * Creates or replaces suppliers for `actor`; one result each, in order. One is refused that the policy separates
 * from what the actor did before, such as accepting an invoice of that supplier.
 */
export async function putSuppliersFor(
  context: ApiContext,
  actor: string,
  suppliers: readonly SupplierInput[],
): Promise<EditResult[]> {
  const refusals = await judgeDuties(context.ledger, actor, {
    suppliers: suppliers.map(({ supplier }) => supplier),
  });
  const refusalOf = ({ supplier }: SupplierInput) => refusals.get(`supplier:${supplier}`);
  const allowed = suppliers.filter((one) => refusalOf(one) === undefined);
  const stored =
    allowed.length === 0 ? [] : await editMasterData(context, 'supplier', actor, allowed);
  const results = stored.values();
  return suppliers.map((one) => {
    const refusal = refusalOf(one);
    if (refusal === undefined) return nextOf(results);
    const errors = [{ path: 'supplier', message: `${refusal.text} (${refusal.rule})` }];
    return { supplier: one.supplier, result: 'refused', errors };
  });
}

function nextOf(results: Iterator<EditResult>): EditResult {
  const { done, value } = results.next();
  if (done === true)
    throw new Error('the ledger answered fewer results than it was given suppliers');
  return value as EditResult;
}
