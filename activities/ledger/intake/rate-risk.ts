import type { Risk } from '../../../rules/policy/approval-matrix.ts';
import type { Ledger } from '../connect.ts';
import type { RiskRating } from '../read/risk-rating.ts';

/**
 * Rates how risky it is to trade with a customer or a supplier; open approvals that concern them are looked at
 * again. Natural key: party and content. Errors: NotFound.
 */
export function rateRisk(
  ledger: Ledger,
  request: {
    /** `customer:<number>` or `supplier:<id>`. */
    readonly party: string;
    readonly risk: Risk;
    readonly reason: string;
    readonly actor: string;
    /** RFC 3339. */
    readonly at: string;
  },
): Promise<{ applied: boolean; rating: RiskRating }> {
  return ledger.call('rate_risk', request);
}
