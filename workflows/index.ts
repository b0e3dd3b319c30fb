export { approvalProcess } from './approval/workflow.ts';
export { financeEntryProcess } from './finance-entry/workflow.ts';
export { goodwillProcess } from './goodwill/workflow.ts';
export { orderProcess } from './order/workflow.ts';
export { purchaseOrderProcess } from './purchase-order/workflow.ts';
export { replenishmentProcess } from './replenishment/workflow.ts';
export { returnProcess } from './return/workflow.ts';
export { stockAdjustmentProcess } from './stock-adjustment/workflow.ts';
