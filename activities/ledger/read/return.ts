import type { MatrixVersion } from '../../../rules/approval/ask-approval.ts';
import type { Risk } from '../../../rules/policy/approval-matrix.ts';
import type { RefundTimingPolicy, ReturnPolicy } from '../../../rules/policy/documents.ts';
import type { RequestedLine, SaleLine } from '../../../rules/return/match-cover.ts';
import type { ReturnState } from '../../../rules/return/states.ts';
import type { RefundTiming } from '../../../rules/return/time-refund.ts';
import type { Ledger } from '../connect.ts';
import type { Page, PageRequest } from './page.ts';
import type { Within } from './within.ts';

/** What the caller asks for: the content that the idempotency hash covers. */
export interface ReturnContent {
  readonly channel?: string;
  readonly externalRef: string;
  readonly orderId?: string;
  readonly customer?: { readonly externalId: string };
  readonly currency?: string;
  readonly occurredAt?: string;
  readonly trusted?: boolean;
  readonly resolution: 'refund' | 'credit';
  /** A line that names its sale has `orderId` and `orderLineNo`. */
  readonly lines: readonly (Omit<RequestedLine, 'orderLine'> & {
    readonly orderId?: string;
    readonly orderLineNo?: number;
    readonly comment?: string;
  })[];
}

/** What the ledger stored for a request, once. */
export interface RequestAnswer {
  readonly outcome: 'authorized' | 'in-review' | 'refused';
  readonly replayed: boolean;
  /** Set where a process carries out the rest. */
  readonly processId: string | null;
  readonly return: ReturnView;
}

/** What the rules need to judge a return; `known` is the first answer to a request that came before. */
export type ReturnSnapshot =
  | { readonly known: RequestAnswer }
  | {
      readonly known: null;
      readonly trusted: boolean;
      readonly currency: string;
      readonly channel: string | null;
      /** Where the goods were sent, where the request says of which order they are. */
      readonly region: string | null;
      readonly skuClasses: readonly string[];
      readonly customerRisk: Risk;
      readonly approvalMatrix: MatrixVersion;
      readonly refundTiming: { readonly version: string; readonly document: RefundTimingPolicy };
      /** Version of the policy in force; its document and those of the sales' versions by version. */
      readonly policyVersion: number;
      readonly policies: Readonly<Record<string, ReturnPolicy>>;
      /** Newest first. */
      readonly sales: readonly SaleLine[];
    };

/** One line of a return by cover; `kind` goods is physical. */
export interface ReturnLineView {
  returnLineId: string;
  externalLineId: string;
  kind: string;
  code: string;
  cover: 'cancelled' | 'sale' | 'blind';
  orderLineId: string | null;
  quantity: number;
  unitPrice: string;
  amountMinor: string;
  taxMinor: string;
  reasonCode: string;
  node: string | null;
  receivedQuantity: number;
  inspectedQuantity: number;
  creditedQuantity: number;
  creditedMinor: string;
  sourceRef: string | null;
}

/** A return as the API shows it. */
export interface ReturnView {
  id: string;
  channel: string | null;
  externalRef: string;
  customer: { externalId: string } | null;
  state: ReturnState;
  resolution: 'refund' | 'credit';
  rule: string;
  reasons: { rule: string; line?: number; detail: string }[];
  policyVersion: string;
  /** When the money goes back; rule and version null where nothing was decided about it. */
  refundTiming: {
    release: RefundTiming['release'];
    rule: string | null;
    policyVersion: string | null;
  };
  currency: string;
  labelId: string | null;
  trackingNumber: string | null;
  receiveBy: string | null;
  requestedAt: string;
  authorizedAt: string | null;
  receivedAt: string | null;
  endedAt: string | null;
  recordedAt: string;
  /** What comes back. */
  lines: ReturnLineView[];
  /** What had not been sent and was cancelled instead. */
  cancellations: ReturnLineView[];
  creditNotes: {
    creditNoteNumber: string;
    amountMinor: string;
    taxMinor: string;
    occurredAt: string;
  }[];
  refunds: {
    refundId: string;
    paymentId: string;
    amountMinor: string;
    state: string;
    failure: string | null;
  }[];
  creditedToAccountMinor: string;
  approvals: {
    approvalId: string;
    state: string;
    role: string;
    amountMinor: string;
    dueAt: string;
    decidedBy: string | null;
  }[];
}

/** The facts for a decision. Errors: InvalidInput names the field, IdempotencyMismatch. */
export function readReturnSnapshot(
  ledger: Ledger,
  request: { request: ReturnContent; requestedAt: string },
) {
  return ledger.call<ReturnSnapshot>('read_return_snapshot', request);
}

/** One return. Errors: NotFound. */
export function readReturn(ledger: Ledger, returnId: string) {
  return ledger.call<ReturnView>('read_return', { returnId });
}

/** Returns, newest first; `customer` is the external id. */
export function listReturns(
  ledger: Ledger,
  request: PageRequest & {
    state?: ReturnState | undefined;
    orderId?: string | undefined;
    customer?: string | undefined;
    within?: Within | undefined;
  },
) {
  return ledger.call<Page<ReturnView>>('list_returns', request);
}
