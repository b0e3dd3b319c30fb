import { actAs, actingLedger, senderOf } from './acting-ledger.ts';
import type { Api, ApiContext } from './context.ts';
import { registerApprovalRoutes } from './routes/approvals.ts';
import { registerAuditRoutes } from './routes/audit.ts';
import { registerCustomerRoutes } from './routes/customers.ts';
import { registerDocsRoutes } from './routes/docs.ts';
import { registerExceptionSummaryRoutes } from './routes/exception-summary.ts';
import { registerExceptionWorkRoutes } from './routes/exception-work.ts';
import { registerExceptionRoutes } from './routes/exceptions.ts';
import { registerFinanceRoutes } from './routes/finance.ts';
import { registerGoodwillRoutes } from './routes/goodwill.ts';
import { registerJournalRoutes } from './routes/journal.ts';
import { registerLedgerRoutes } from './routes/ledger.ts';
import { registerMasterDataChangeRoutes } from './routes/master-data-changes.ts';
import { registerMasterDataRoutes } from './routes/master-data.ts';
import { registerNoticeRoutes } from './routes/notices.ts';
import { registerOperationsRoutes } from './routes/operations.ts';
import { registerOrderRoutes } from './routes/orders.ts';
import { registerPeopleRoutes } from './routes/people.ts';
import { registerPolicyRoutes } from './routes/policies.ts';
import { registerPurchaseOrderRoutes } from './routes/purchase-orders.ts';
import { registerRepairRoutes } from './routes/repairs.ts';
import { registerReplenishmentRoutes } from './routes/replenishment.ts';
import { registerReturnRoutes } from './routes/returns.ts';
import { registerServiceKeyRoutes } from './routes/service-keys.ts';
import { registerShipmentRoutes } from './routes/shipments.ts';
import { registerStockAdjustmentRoutes } from './routes/stock-adjustments.ts';
import { registerStockReceiptRoutes } from './routes/stock-receipts.ts';
import { registerStockRoutes } from './routes/stock.ts';
import { registerWebhookRoutes } from './routes/webhooks.ts';

/** Every route of the API, noun by noun. */
export function registerRoutes(app: Api, given: ApiContext): void {
  // What a request changes, it changes as whoever sent it.
  app.use((hono, next) => {
    const by = senderOf(hono);
    return by === undefined ? next() : actAs(by, next);
  });
  const context = { ...given, ledger: actingLedger(given.ledger) };
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
  registerExceptionSummaryRoutes(app, context);
  registerExceptionRoutes(app, context);
  registerExceptionWorkRoutes(app, context);
  registerRepairRoutes(app, context);
  registerFinanceRoutes(app, context);
  registerGoodwillRoutes(app, context);
  registerPolicyRoutes(app, context);
  registerLedgerRoutes(app, context);
  registerJournalRoutes(app, context);
  registerMasterDataRoutes(app, context);
  registerMasterDataChangeRoutes(app, context);
  registerCustomerRoutes(app, context);
  registerAuditRoutes(app, context);
  registerPeopleRoutes(app, context);
  registerServiceKeyRoutes(app, context);
  registerNoticeRoutes(app, context);
  registerWebhookRoutes(app, context, { webhookSecret: context.webhookSecret });
  registerDocsRoutes(app);
}
