import type { Api, ApiContext } from './context.ts';
import { registerApprovalRoutes } from './routes/approvals.ts';
import { registerDocsRoutes } from './routes/docs.ts';
import { registerExceptionRoutes } from './routes/exceptions.ts';
import { registerFinanceRoutes } from './routes/finance.ts';
import { registerLedgerRoutes } from './routes/ledger.ts';
import { registerMasterDataRoutes } from './routes/master-data.ts';
import { registerOperationsRoutes } from './routes/operations.ts';
import { registerOrderRoutes } from './routes/orders.ts';
import { registerPurchaseOrderRoutes } from './routes/purchase-orders.ts';
import { registerReplenishmentRoutes } from './routes/replenishment.ts';
import { registerReturnRoutes } from './routes/returns.ts';
import { registerShipmentRoutes } from './routes/shipments.ts';
import { registerStockAdjustmentRoutes } from './routes/stock-adjustments.ts';
import { registerStockReceiptRoutes } from './routes/stock-receipts.ts';
import { registerStockRoutes } from './routes/stock.ts';
import { registerWebhookRoutes } from './routes/webhooks.ts';

/** Every route of the API, noun by noun. */
export function registerRoutes(app: Api, context: ApiContext): void {
  registerOperationsRoutes(app, context);
  registerOrderRoutes(app, context);
  registerShipmentRoutes(app, context);
  registerReturnRoutes(app, context);
  registerStockReceiptRoutes(app, context);
  registerStockAdjustmentRoutes(app, context);
  registerStockRoutes(app, context);
  registerPurchaseOrderRoutes(app, context);
  registerReplenishmentRoutes(app, context);
  registerApprovalRoutes(app, context);
  registerExceptionRoutes(app, context);
  registerFinanceRoutes(app, context);
  registerLedgerRoutes(app, context);
  registerMasterDataRoutes(app, context);
  registerWebhookRoutes(app, context, { webhookSecret: context.webhookSecret });
  registerDocsRoutes(app);
}
