import type { Cost } from './cost.ts';
import type { Sku, World } from './world.ts';

/*
 * The last receipt of a SKU counts wherever it was, and the ledger asks for it under the lock of one node. So of
 * two nodes' receipts at the same moment either may be the last, and goods of unknown cost that come to one node
 * while another takes in a receipt may be valued at what counted before. Both costs are ones that were really
 * paid, and nothing depends on which it is; a lock on the whole SKU would make every receipt wait for it.
 */

export function recordReceipt(sku: Sku, node: string, cost: Cost): void {
  sku.overlapping.push({ node, cost, before: sku.lastReceipt });
  sku.lastReceipt = cost;
}

/** The last receipt for a call at a node: what that node itself took in, it sees. */
export function lastReceiptSeen({ glance }: World, sku: Sku, node: string): Cost | null {
  const own = sku.overlapping.findLastIndex((receipt) => receipt.node === node);
  const others = sku.overlapping.slice(own + 1);
  const unseen = glance.unseen[glance.choices.length] ?? 0;
  glance.choices.push(others.length + 1);
  return unseen === 0 ? sku.lastReceipt : (others.at(-unseen)?.before ?? null);
}

/** Every node's last receipt may be the last of all; `isLast` knows which is. */
export function settleLastReceipts(
  world: World,
  isLast: (sku: string, cost: Cost) => boolean,
): void {
  for (const sku of world.skus.values()) {
    const ofNodes = new Map(sku.overlapping.map(({ node, cost }) => [node, cost]));
    sku.lastReceipt =
      [...ofNodes.values()].find((cost) => isLast(sku.sku, cost)) ?? sku.lastReceipt;
  }
}

/** Nothing overlaps any more. */
export function endOverlap(world: World): void {
  for (const { overlapping } of world.skus.values()) overlapping.length = 0;
}
