import type { Ledger } from './ledger/connect.ts';
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

/** The activities of the purchase order's process. */
export function createPurchaseOrderActivities(context: {
  ledger: Ledger;
  providers: { supplier: SupplierProvider };
}): PurchaseOrderLedgerSteps & PurchaseOrderProviderSteps {
  const { ledger, providers } = context;
  return {
    beginPurchaseOrder: (request) => beginPurchaseOrder(ledger, request),
    reportSupplierRefusal: (request) => reportSupplierRefusal(ledger, request),
    settlePurchaseOrder: (request) => settlePurchaseOrder(ledger, request),
    escalateLateSupplier: (request) => escalateLateSupplier(ledger, request),
    async submitPurchaseOrder({ processId }) {
      const { order, ...status } = await sendPurchaseOrder(ledger, { processId });
      if (order === null) return status;
      const acknowledged = await providers.supplier.submitOrder(order, `${processId}:submit`);
      return recordAcknowledgement(ledger, { processId, ...acknowledged });
    },
  };
}
