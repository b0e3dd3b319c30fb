import type { Risk } from '../../../rules/policy/approval-matrix.ts';
import type { Ledger } from '../connect.ts';
import type { Page, PageRequest } from './page.ts';

/** How a customer or a supplier is rated; times RFC 3339. */
export interface RiskRating {
  readonly party: string;
  readonly risk: Risk;
  readonly reason: string;
  readonly by: string;
  /** How often they were rated. */
  readonly version: number;
  readonly ratedAt: string;
  readonly recordedAt: string;
}

/** Ratings as they stand, newest first. Errors: InvalidInput (cursor). */
export function listRiskRatings(
  ledger: Ledger,
  request: PageRequest & { party?: string | undefined; risk?: Risk | undefined },
): Promise<Page<RiskRating>> {
  return ledger.call('list_risk_ratings', request);
}
