import { cumulativeShare, divideRounded, parseDecimal } from '../money/decimal.ts';
import { priceLine } from '../money/price-line.ts';
import { groupBy } from '../group-by.ts';
import type { CoverPart, RequestedLine, SaleLine } from './match-cover.ts';

/** A part with its money: what the ledger stores as one return line. */
export interface PricedPart extends CoverPart {
  readonly unitPrice: string;
  /** Minor units; null for cancelled units at the order's own price, which the ledger computes. */
  readonly amountMinor: bigint | null;
  readonly taxMinor: bigint;
  readonly belowMinor: string;
}

/** The priced parts, or the index of a line whose blind units have no price. */
export type PricedParts =
  | { readonly parts: readonly PricedPart[] }
  | { readonly missingPrice: number };

/**
 * Prices the parts of each line. With a unit price the line is rounded once and its parts are cumulative
 * shares, so they add up to the penny, and what is below a penny stays with the first part. Without one
 * each part is worth its sale's own price. `parts` are in the order of their lines.
 */
export function priceParts(
  lines: readonly RequestedLine[],
  parts: readonly CoverPart[],
): PricedParts {
  const priced: PricedPart[] = [];
  const byLine = groupBy(parts, (part) => part.line);
  // Lines may share a sale: a later part's share begins where the earlier one's ended.
  const returned = new Map<SaleLine, number>();
  for (const [index, line] of lines.entries()) {
    const own = byLine.get(index) ?? [];
    if (line.unitPrice !== undefined) {
      priced.push(...priceAt(line.unitPrice, line.quantity, own));
    } else {
      if (own.some((part) => part.sale === undefined)) return { missingPrice: index };
      for (const part of own)
        if (part.sale !== undefined) priced.push(priceAtSale(part, part.sale, returned));
    }
    for (const { sale, cover, quantity } of own) {
      if (sale !== undefined && cover === 'sale')
        returned.set(sale, (returned.get(sale) ?? 0) + quantity);
    }
  }
  return { parts: priced };
}

function priceAt(unitPrice: string, quantity: number, parts: readonly CoverPart[]): PricedPart[] {
  const total = priceLine(parseDecimal(unitPrice) ?? 0n, BigInt(quantity));
  let before = 0;
  return parts.map((part) => {
    const amountMinor = cumulativeShare(
      total.amountMinor,
      BigInt(before),
      BigInt(part.quantity),
      BigInt(quantity),
    );
    const belowMinor = before === 0 ? total.belowMinor : '0';
    before += part.quantity;
    return { ...part, unitPrice, amountMinor, belowMinor, taxMinor: taxOf(part.sale, amountMinor) };
  });
}

/** A share of an amount that was rounded at the sale, so nothing of it is below a penny. */
function priceAtSale(
  part: CoverPart,
  sale: SaleLine,
  returned: ReadonlyMap<SaleLine, number>,
): PricedPart {
  const own = { ...part, unitPrice: sale.unitPrice, belowMinor: '0' };
  if (part.cover === 'cancelled') return { ...own, amountMinor: null, taxMinor: 0n };
  const amountMinor = cumulativeShare(
    BigInt(sale.invoicedMinor),
    BigInt(sale.returning + (returned.get(sale) ?? 0)),
    BigInt(part.quantity),
    BigInt(sale.shipped),
  );
  return { ...own, amountMinor, taxMinor: taxOf(sale, amountMinor) };
}

/** The tax inside an amount, at the rate that the sale was taxed with. */
function taxOf(sale: SaleLine | undefined, amountMinor: bigint): bigint {
  const soldMinor = sale === undefined ? 0n : BigInt(sale.amountMinor);
  if (sale === undefined || soldMinor <= 0n) return 0n;
  return divideRounded(BigInt(sale.taxMinor) * amountMinor, soldMinor);
}
