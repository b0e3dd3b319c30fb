import type { Ledger } from './ledger/connect.ts';
import { PROCESSES } from './ledger/process-actors.ts';
import {
  beginPurchaseOrder,
  escalateLateSupplier,
  recordAcknowledgement,
  reportSupplierRefusal,
  sendPurchaseOrder,
  settlePurchaseOrder,
  type PurchaseOrderStatus,
} from './ledger/steps/purchase-order.ts';
import type { SupplierProvider } from './supplier/supplier.ts';

interface Process {
  readonly processId: string;
}

interface Occurrence extends Process {
  /** The id of the fact that caused the step. */
  readonly occurrence: string;
}

/** Steps of the purchase order's process on the ledger alone. */
export interface PurchaseOrderLedgerSteps {
  beginPurchaseOrder(request: Process): Promise<PurchaseOrderStatus>;
  reportSupplierRefusal(
    request: Occurrence & { readonly message: string },
  ): Promise<PurchaseOrderStatus>;
  settlePurchaseOrder(request: Occurrence): Promise<PurchaseOrderStatus>;
  escalateLateSupplier(request: Occurrence): Promise<PurchaseOrderStatus>;
}

/** Steps that leave the house. */
export interface PurchaseOrderProviderSteps {
  /** Sends the order and records the acknowledgement; lines never enter the workflow. */
  submitPurchaseOrder(request: Process): Promise<PurchaseOrderStatus>;
}

/** The purchase order's steps on the ledger: local activities. */
export function createPurchaseOrderLedgerSteps(parts: {
  ledger: Ledger;
}): PurchaseOrderLedgerSteps {
  const ledger = parts.ledger.as(PROCESSES.worker);
  return {
    beginPurchaseOrder: (request) => beginPurchaseOrder(ledger, request),
    reportSupplierRefusal: (request) => reportSupplierRefusal(ledger, request),
    settlePurchaseOrder: (request) => settlePurchaseOrder(ledger, request),
    escalateLateSupplier: (request) => escalateLateSupplier(ledger, request),
  };
}

/** The purchase order's calls to the supplier, with what the ledger knows of them. */
export function createPurchaseOrderProviderSteps({
  supplier,
  ...parts
}: {
  ledger: Ledger;
  supplier: SupplierProvider;
}): PurchaseOrderProviderSteps {
  const ledger = parts.ledger.as(PROCESSES.worker);
  return {
    async submitPurchaseOrder({ processId }) {
      const { order, ...status } = await sendPurchaseOrder(ledger, { processId });
      if (order === null) return status;
      const acknowledged = await supplier.submitOrder(order, `${processId}:submit`);
      return recordAcknowledgement(ledger, { processId, ...acknowledged });
    },
  };
}
