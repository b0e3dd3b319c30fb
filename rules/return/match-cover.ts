import { groupBy } from '../group-by.ts';

/** What may come back. Goods are moved, the rest is money only. */
export type ReturnKind = 'goods' | 'shipping' | 'other' | 'discount' | 'manual' | 'voucher';

/** How a requested unit is explained: not sent yet, sold and sent, or by no sale that is left. */
export type Cover = 'cancelled' | 'sale' | 'blind';

/** Names one line of one order. */
export interface OrderLineName {
  readonly orderId: string;
  readonly lineNo: number;
}

/** One order line that may cover a return; quantities in units, money in minor units. */
export interface SaleLine extends OrderLineName {
  readonly kind: ReturnKind;
  readonly code: string;
  /** RFC 3339 UTC, all of one width, so that they order as text. */
  readonly placedAt: string;
  /** Days of business time from the dispatch of its last units, else from its placing, to the request. */
  readonly ageDays: number;
  /** Units not shipped, cancelled or short: they can be cancelled. */
  readonly open: number;
  /** Units shipped and not promised to another return. */
  readonly returnable: number;
  readonly shipped: number;
  readonly returning: number;
  readonly unitPrice: string;
  readonly amountMinor: string;
  readonly invoicedMinor: string;
  readonly taxMinor: string;
  readonly policyVersion: number | null;
}

/** What the caller wants to bring back. */
export interface RequestedLine {
  readonly externalLineId: string;
  readonly kind: ReturnKind;
  readonly code: string;
  readonly quantity: number;
  readonly unitPrice?: string;
  readonly orderLine?: OrderLineName;
  readonly reasonCode: string;
  readonly sourceRef?: string;
}

/** Units of one requested line with one explanation. */
export interface CoverPart {
  /** Index of the requested line. */
  readonly line: number;
  readonly cover: Cover;
  readonly quantity: number;
  /** Undefined for blind units. */
  readonly sale: SaleLine | undefined;
}

/**
 * Splits requested lines into parts: units not yet sent first (newest sale first), then units sent and
 * not promised to another return (newest sale first); what no sale explains is blind. A line that names
 * its order line is explained by that line alone. A unit of a sale is given out once.
 */
export function matchCover(
  lines: readonly RequestedLine[],
  sales: readonly SaleLine[],
): CoverPart[] {
  const pool = sales
    .toSorted((a, b) => (a.placedAt < b.placedAt ? 1 : a.placedAt > b.placedAt ? -1 : 0))
    .map((sale) => ({ sale, open: sale.open, returnable: sale.returnable }));
  const byCode = groupBy(pool, ({ sale }) => `${sale.kind} ${sale.code}`);
  const parts: CoverPart[] = [];
  // Lines that name their sale choose first, so that others do not use it up.
  const order = [...lines.entries()].toSorted(
    ([, a], [, b]) => Number(b.orderLine !== undefined) - Number(a.orderLine !== undefined),
  );
  for (const [index, line] of order) {
    const candidates = (byCode.get(`${line.kind} ${line.code}`) ?? []).filter(({ sale }) =>
      explains(sale, line),
    );
    let left = line.quantity;
    const take = (cover: Cover, sale: SaleLine | undefined, units: number): void => {
      if (units > 0) parts.push({ line: index, cover, quantity: units, sale });
      left -= units;
    };
    for (const entry of candidates) {
      const units = Math.min(left, entry.open);
      entry.open -= units;
      take('cancelled', entry.sale, units);
    }
    for (const entry of candidates) {
      const units = Math.min(left, entry.returnable);
      entry.returnable -= units;
      take('sale', entry.sale, units);
    }
    take('blind', undefined, left);
  }
  return parts.toSorted((a, b) => a.line - b.line);
}

function explains(sale: SaleLine, line: RequestedLine): boolean {
  const named = line.orderLine;
  return named === undefined || (named.orderId === sale.orderId && named.lineNo === sale.lineNo);
}
