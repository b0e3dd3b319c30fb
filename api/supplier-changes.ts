import type { Ledger } from '../activities/ledger/connect.ts';
import {
  putSuppliers,
  type PutResult,
  type SupplierInput,
} from '../activities/ledger/intake/master-data.ts';
import { judgeDuties } from '../activities/ledger/read/duties.ts';

/**
 * Creates or replaces suppliers for `actor`; one result each, in order. One is refused that the policy separates
 * from what the actor did before, such as accepting an invoice of that supplier.
 */
export async function putSuppliersFor(
  ledger: Ledger,
  actor: string,
  suppliers: readonly SupplierInput[],
): Promise<PutResult[]> {
  const refusals = await judgeDuties(ledger, actor, {
    suppliers: suppliers.map(({ supplier }) => supplier),
  });
  const refusalOf = ({ supplier }: SupplierInput) => refusals.get(`supplier:${supplier}`);
  const allowed = suppliers.filter((one) => refusalOf(one) === undefined);
  const stored = allowed.length === 0 ? [] : (await putSuppliers(ledger, allowed)).results;
  const results = stored.values();
  return suppliers.map((one) => {
    const refusal = refusalOf(one);
    if (refusal === undefined) return nextOf(results);
    const errors = [{ path: 'supplier', message: `${refusal.text} (${refusal.rule})` }];
    return { supplier: one.supplier, result: 'refused', errors };
  });
}

function nextOf(results: Iterator<PutResult>): PutResult {
  const { done, value } = results.next();
  if (done === true)
    throw new Error('the ledger answered fewer results than it was given suppliers');
  return value as PutResult;
}
