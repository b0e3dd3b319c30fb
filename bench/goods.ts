import type { Ledger } from '../activities/ledger/connect.ts';
import { putSkus } from '../activities/ledger/intake/master-data.ts';
import { receiveStock } from '../activities/ledger/intake/receive-stock.ts';

/** Puts so many units of each new SKU of supplier `acme` on hand at node `north`, at what they cost. */
export async function stockGoods(
  ledger: Ledger,
  goods: {
    readonly receiptId: string;
    readonly skus: readonly string[];
    readonly quantity: number;
    readonly unitCost: string;
  },
): Promise<void> {
  const { receiptId, skus, quantity, unitCost } = goods;
  await putSkus(
    ledger,
    skus.map((sku) => ({
      sku,
      description: sku,
      unitOfMeasure: 'each',
      class: 'A',
      costMethod: 'fifo' as const,
      supplier: 'acme',
      supplierPrice: unitCost,
    })),
  );
  await receiveStock(ledger, {
    receiptId,
    node: 'north',
    occurredAt: new Date().toISOString(),
    lines: skus.map((sku) => ({ sku, quantity, unitCost })),
    actor: 'bench',
  });
}
