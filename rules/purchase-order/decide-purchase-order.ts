import { parseDecimal } from '../money/decimal.ts';
import { priceLine } from '../money/price-line.ts';
import type { ReplenishmentPolicy } from '../policy/documents.ts';

/** Lines of one purchase order at most; each of its facts is one unit of work. */
export const MAX_LINES = 500;

export interface OrderedLine {
  readonly sku: string;
  readonly quantity: number;
  /** Decimal string, major units. */
  readonly unitPrice: string;
}

export interface PricedLine extends OrderedLine {
  readonly lineNo: number;
  readonly amountMinor: string;
}

/** Who must agree, within how many hours of business time, and why. */
export interface ApprovalRequest {
  readonly role: string;
  readonly hours: number;
  readonly rule: string;
}

export interface PurchaseOrderDecision {
  readonly lines: PricedLine[];
  readonly totalMinor: string;
  readonly approval: ApprovalRequest | null;
}

/** Prices the lines (numbered from 1) and asks for approval when the total is above the threshold. */
export function decidePurchaseOrder(
  policy: ReplenishmentPolicy,
  lines: readonly OrderedLine[],
): PurchaseOrderDecision {
  let total = 0n;
  const priced = lines.map(({ sku, quantity, unitPrice }, position) => {
    const { amountMinor } = priceLine(parseDecimal(unitPrice) ?? 0n, BigInt(quantity));
    total += amountMinor;
    return { lineNo: position + 1, sku, quantity, unitPrice, amountMinor: amountMinor.toString() };
  });
  const approval =
    total > BigInt(policy.approvalAboveMinor)
      ? {
          role: policy.approvalRole,
          hours: policy.approvalHours,
          rule: `purchase order above ${policy.approvalAboveMinor} minor units`,
        }
      : null;
  return { lines: priced, totalMinor: total.toString(), approval };
}

/** What the ledger knows of an order's supplier, node and SKUs. */
export interface PurchaseOrderFacts {
  readonly supplierKnown: boolean;
  readonly nodeKnown: boolean;
  readonly baseCurrency: string;
  /** Known SKUs with the supplier's price, null where it has none. */
  readonly skus: Readonly<
    Record<string, { readonly unitPrice: string | null; readonly class?: string }>
  >;
}

/** Completes the lines with the supplier's prices, or names every field at fault. */
export function completeLines(
  facts: PurchaseOrderFacts,
  order: {
    readonly currency: string;
    readonly lines: readonly { sku: string; quantity: number; unitPrice?: string | undefined }[];
  },
): { lines: OrderedLine[]; errors: { path: string; message: string }[] } {
  const errors: { path: string; message: string }[] = [];
  if (!facts.supplierKnown) errors.push({ path: 'supplier', message: 'is not a known supplier' });
  if (!facts.nodeKnown) errors.push({ path: 'node', message: 'is not a known node' });
  if (order.currency !== facts.baseCurrency) {
    errors.push({ path: 'currency', message: `purchase orders are in ${facts.baseCurrency}` });
  }
  const lines = order.lines.flatMap(({ sku, quantity, unitPrice }, position): OrderedLine[] => {
    const known = facts.skus[sku];
    const price = unitPrice ?? known?.unitPrice;
    if (known === undefined) {
      errors.push({ path: `lines[${position}].sku`, message: `${sku} is not a known SKU` });
    } else if (price === undefined || price === null) {
      errors.push({
        path: `lines[${position}].unitPrice`,
        message: `the supplier has no price for ${sku}: name one`,
      });
    } else {
      return [{ sku, quantity, unitPrice: price }];
    }
    return [];
  });
  return { lines, errors };
}
