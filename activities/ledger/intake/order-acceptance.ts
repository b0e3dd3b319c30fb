import type { PlanEntry } from '../../../rules/order/source-order.ts';
import type { By } from '../by.ts';

/** One order with everything that the rules have decided about it. */
export interface OrderAcceptance {
  channel: string;
  externalId: string;
  /** SHA-256 of the payload as the channel sent it, hex; tells a repeat from a changed order. */
  payloadHash: string;
  orderId: string;
  class: string;
  currency: string;
  placedAt: string;
  /** By when it leaves if everything is there; null where nothing is sent. */
  promisedDispatchAt: string | null;
  /** When it reached us. */
  at: string;
  /** Lower is served first when stock comes. */
  priority: number;
  customer: {
    externalId?: string | undefined;
    name?: string | undefined;
    email?: string | undefined;
  } | null;
  shipTo: { country: string; postalCode?: string | undefined };
  screening: string[];
  policyVersions: Readonly<Record<string, number>>;
  totalMinor: string;
  lines: {
    lineNo: number;
    externalLineId: string;
    kind: string;
    code: string;
    quantity: number;
    unitPrice: string;
    amountMinor: string;
    belowMinor: string;
    taxMinor: string;
    discountMinor: string;
    sourceRef: string | null;
  }[];
  plans: readonly (readonly PlanEntry[])[];
  backorderNodes: readonly string[];
  payment: {
    provider: string;
    token?: string | undefined;
    reference?: string | undefined;
    status: 'none' | 'authorized' | 'captured';
    requestedMinor: string;
  } | null;
  actor: string;
  /** Who sent it, for the audit; `actor` alone, where it is left out. */
  by?: By | undefined;
}
