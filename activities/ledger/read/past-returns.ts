import type { PastReturn } from '../../../rules/policy/past-return.ts';
import type { Ledger } from '../connect.ts';
import type { PolicyScope } from './policies.ts';

/** Which past returns: those requested in a period that a draft of this policy and scope would hold for. */
export interface PastPeriod extends PolicyScope {
  readonly policy: string;
  /** RFC 3339; `until` is exclusive. */
  readonly from: string;
  readonly until: string;
  /** When it is asked: which scopes have versions of their own. */
  readonly at: string;
}

/** How many returns a period has, of any scope, and how long the middle one of the decisions on them took. */
export interface PastMeasure {
  readonly returns: number;
  readonly typicalDecisionMinutes: number | null;
}

/** Returns of a period, oldest first; `looked` counts those of other scopes as well. */
export interface PastPage {
  readonly returns: readonly PastReturn[];
  readonly looked: number;
}

/** Judging a page holds up whatever else the process does: some tens of milliseconds. */
const PAGE = 100;

/** What a simulation of the period has before it. A long read. */
export function measurePastReturns(ledger: Ledger, request: { from: string; until: string }) {
  return ledger.report<PastMeasure>('measure_past_returns', request);
}

/** The past returns of a period, page by page; a page is read when it is asked for, and ends with the last. */
export async function* readPastReturns(
  ledger: Ledger,
  period: PastPeriod,
): AsyncGenerator<PastPage, void, undefined> {
  let after: object | null | undefined;
  do {
    const page: PastPage & { readonly next: object | null } = await ledger.report(
      'list_past_returns',
      { ...period, limit: PAGE, ...(after == null ? {} : { after }) },
    );
    yield page;
    after = page.next;
  } while (after !== null);
}
