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

/** Each is consistent in itself and a statement of its own, so that none of a large ledger's runs out of time. */
const PARTS = ['stock', 'cost', 'orders', 'money'] as const;
const MOST_LISTED = 1_000;

/**
 * Recomputes every balance, availability, layer, account and counter from the entries. A long read: each of
 * four parts may take as long as a report may.
 */
export async function checkLedger(ledger: Ledger): Promise<LedgerCheck> {
  const parts = await Promise.all(
    PARTS.map((part) => ledger.report<LedgerCheck>('check_ledger', { part })),
  );
  return {
    ok: parts.every(({ ok }) => ok),
    found: parts.reduce((sum, { found }) => sum + found, 0),
    drift: parts
      .flatMap(({ drift }) => drift)
      .toSorted((a, b) => compareText(a.kind, b.kind) || compareText(a.id, b.id))
      .slice(0, MOST_LISTED),
    trialBalance: parts.flatMap(({ trialBalance }) => trialBalance),
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
