import type { Ledger } from '../connect.ts';

/** What a sealing left behind: how many rows it sealed, and the chain's end. */
export interface Sealing {
  readonly sealed: number;
  /** Another sealer was at work, so this one left it to that one. */
  readonly busy: boolean;
  /** Of the last seal; 0 before the first. */
  readonly sequence: number;
  /** Of the last seal, 64 hex digits. Worth noting elsewhere: it proves everything before it. */
  readonly rowHash: string;
}

/** A call stays far below the two seconds that a statement may take. */
const ROWS_AT_ONCE = 5_000;

/**
 * Seals every row of the audit whose transaction nobody can overtake any more, part by part until none is
 * left. Any number may call it at any time; safe to repeat. Errors: LedgerUnavailable, InvariantViolated
 * (the ledger was loaded into a new server, whose transactions count from less than the sealed ones).
 */
export async function sealAudit(
  ledger: Ledger,
  options: { readonly limit?: number } = {},
): Promise<Sealing> {
  const limit = options.limit ?? ROWS_AT_ONCE;
  let sealed = 0;
  for (;;) {
    const part = await ledger.call<Sealing>('seal_audit', { limit });
    sealed += part.sealed;
    if (part.sealed < limit) return { ...part, sealed };
  }
}
