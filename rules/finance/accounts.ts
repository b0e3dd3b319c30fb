/** One account of the chart; `kind` is the side on which its balance normally stands. */
export interface Account {
  readonly account: string;
  readonly name: string;
  readonly kind: 'asset' | 'liability' | 'income' | 'expense' | 'equity';
}

/** The chart of accounts, seeded into every ledger. Source: the accounting policy in docs/ACCOUNTING.md. */
export const ACCOUNTS = [
  { account: 'receivables', name: 'Receivables', kind: 'asset' },
  { account: 'payment-clearing', name: 'Payment clearing', kind: 'asset' },
  { account: 'bank', name: 'Bank', kind: 'asset' },
  { account: 'inventory', name: 'Inventory', kind: 'asset' },
  { account: 'returns-stock', name: 'Returns stock', kind: 'asset' },
  { account: 'goods-in-transit', name: 'Goods in transit', kind: 'asset' },
  { account: 'input-tax', name: 'Input tax', kind: 'asset' },
  { account: 'supplier-claims', name: 'Supplier claims', kind: 'asset' },
  { account: 'carrier-claims', name: 'Carrier claims', kind: 'asset' },
  { account: 'doubtful-debts', name: 'Allowance for doubtful debts', kind: 'asset' },
  { account: 'payables', name: 'Payables', kind: 'liability' },
  {
    account: 'goods-received-not-invoiced',
    name: 'Goods received not invoiced',
    kind: 'liability',
  },
  { account: 'output-tax', name: 'Output tax', kind: 'liability' },
  { account: 'customer-deposits', name: 'Customer deposits', kind: 'liability' },
  { account: 'refunds-payable', name: 'Refunds payable', kind: 'liability' },
  { account: 'customer-credit', name: 'Customer credit', kind: 'liability' },
  { account: 'unidentified-credits', name: 'Unidentified credits', kind: 'liability' },
  { account: 'voucher-liability', name: 'Voucher liability', kind: 'liability' },
  { account: 'contract-liability', name: 'Contract liability', kind: 'liability' },
  { account: 'landed-cost-accrual', name: 'Landed-cost accrual', kind: 'liability' },
  { account: 'revenue', name: 'Revenue', kind: 'income' },
  { account: 'shipping-income', name: 'Shipping income', kind: 'income' },
  { account: 'other-charges', name: 'Other charges', kind: 'income' },
  { account: 'discounts', name: 'Discounts', kind: 'income' },
  { account: 'returns', name: 'Returns', kind: 'income' },
  { account: 'manual-adjustments', name: 'Manual adjustments', kind: 'income' },
  {
    account: 'cancellation-price-differences',
    name: 'Cancellation price differences',
    kind: 'income',
  },
  { account: 'inventory-gain', name: 'Inventory gain', kind: 'income' },
  { account: 'voucher-breakage', name: 'Voucher breakage', kind: 'income' },
  { account: 'bank-charges-recovered', name: 'Bank charges recovered', kind: 'income' },
  { account: 'cost-of-goods-sold', name: 'Cost of goods sold', kind: 'expense' },
  { account: 'free-goods', name: 'Free goods', kind: 'expense' },
  { account: 'samples', name: 'Samples', kind: 'expense' },
  { account: 'write-offs', name: 'Write-offs', kind: 'expense' },
  { account: 'scrap', name: 'Scrap', kind: 'expense' },
  { account: 'valuation-differences', name: 'Valuation differences', kind: 'expense' },
  { account: 'marketplace-fees', name: 'Marketplace fees', kind: 'expense' },
  { account: 'payment-fees', name: 'Payment fees', kind: 'expense' },
  { account: 'bank-charges', name: 'Bank charges', kind: 'expense' },
  { account: 'bad-debt', name: 'Bad debt', kind: 'expense' },
  { account: 'chargebacks', name: 'Chargebacks', kind: 'expense' },
  { account: 'goodwill', name: 'Goodwill', kind: 'expense' },
  { account: 'donations', name: 'Donations', kind: 'expense' },
  { account: 'currency-result', name: 'Currency result', kind: 'expense' },
  { account: 'rounding', name: 'Rounding', kind: 'expense' },
  { account: 'opening-equity', name: 'Opening equity', kind: 'equity' },
] as const satisfies readonly Account[];
