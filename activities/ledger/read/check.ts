import type { Json, Ledger } from '../connect.ts';

/** One projection that differs from its entries: what the entries say, and what it holds. */
export interface Drift {
  kind: string;
  id: string;
  expected: string;
  actual: string;
  detail: Json;
}

/** `found` counts all differences, `drift` lists the first 1,000. Amounts in minor units. */
export interface LedgerCheck {
  ok: boolean;
  found: number;
  drift: Drift[];
  trialBalance: { currency: string; debitMinor: string; creditMinor: string }[];
}

/** Recomputes every balance, availability, layer, account and counter from the entries. A long read. */
export function checkLedger(ledger: Ledger) {
  return ledger.report<LedgerCheck>('check_ledger', {});
}
