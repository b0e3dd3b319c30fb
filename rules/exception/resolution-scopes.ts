import type { Scope } from '../access/scopes.ts';

/**
 * The scope of a resolution by the kind of exception. Whoever may settle a kind of trouble may take each
 * action that the catalogue offers for it: a warehouse gives up an order that cannot be picked, and still
 * cancels no other one. Nobody else takes an entry on or is given it.
 */
export const RESOLUTION_SCOPES: Readonly<Record<string, Scope>> = {
  payment: 'payments:resolve',
  'capture-failed': 'payments:resolve',
  'capture-overdue': 'payments:resolve',
  'settlement-mismatch': 'payments:resolve',
  'refund-failed': 'payments:resolve',
  fraud: 'orders:resolve',
  address: 'orders:resolve',
  delivery: 'orders:resolve',
  'intake-changed': 'orders:resolve',
  'oversold-channel': 'orders:resolve',
  'late-fact': 'orders:resolve',
  'stock-short': 'stock:resolve',
  carrier: 'shipments:resolve',
  'return-receipt': 'returns:resolve',
  inspection: 'returns:resolve',
  'supplier-late': 'purchase-orders:resolve',
  'supplier-refused': 'purchase-orders:resolve',
  'receipt-over': 'purchase-orders:resolve',
  'receipt-short': 'purchase-orders:resolve',
  'invoice-missing': 'supplier-invoices:resolve',
  'invoice-mismatch': 'supplier-invoices:resolve',
  'approval-overdue': 'approvals:resolve',
  connector: 'processes:resolve',
  'workflow-failed': 'processes:resolve',
  'compensation-failed': 'processes:resolve',
};
