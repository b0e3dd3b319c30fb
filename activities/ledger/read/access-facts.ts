import type { AccessSubject } from '../../../rules/access/decide-access.ts';
import type { Ledger } from '../connect.ts';

/** What reach is asked about. */
export type AccessKind =
  | 'order'
  | 'shipment'
  | 'return'
  | 'stock-adjustment'
  | 'purchase-order'
  | 'shipping-notice'
  | 'replenishment'
  | 'finance-entry'
  | 'goodwill'
  | 'hold'
  | 'customer'
  | 'approval'
  | 'exception'
  | 'policy-draft';

interface AccessFactsJson {
  readonly nodes: '*' | readonly string[];
  readonly channels: '*' | readonly string[];
  readonly regions: '*' | readonly string[];
  readonly amountMinor: string | null;
}

/**
 * Where something lies and what it is worth, as `decideAccess` wants to know it; null when there is none of
 * that id. An approval and an exception lie where their subject does. `amountMinor` is left out where there
 * is none, or where it is in another currency than the base currency.
 */
export async function readAccessFacts(
  ledger: Ledger,
  request: { kind: AccessKind; id: string },
): Promise<AccessSubject | null> {
  const found = await ledger.call<AccessFactsJson | null>('access_facts', request);
  if (found === null) return null;
  const { amountMinor, ...places } = found;
  return amountMinor === null ? places : { ...places, amountMinor: BigInt(amountMinor) };
}
