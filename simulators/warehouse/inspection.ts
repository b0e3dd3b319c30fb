import { happens, seededFraction } from '../faults.ts';
import { DISPOSITIONS } from './requests.ts';
import type { Disposition, DispositionShares, GoodsReturn, WarehouseSettings } from './requests.ts';

/** A line is judged in at most this many lots, so that a huge return costs no more than a small. */
const LOTS_A_LINE = 20;

type Grade = 'A' | 'B' | 'C' | 'D';

type InspectedUnits = {
  readonly returnLineId: string;
  readonly quantity: number;
  readonly grade: Grade;
  readonly disposition: Disposition;
};

type ReceivedLine = {
  readonly returnLineId: string;
  readonly sku: string;
  readonly quantity: number;
};

/**
 * What of a return arrives. By seed and return line, a line may come short, over, as another item,
 * or not at all. Empty when nothing arrives.
 */
export function arrivingLines(
  goodsReturn: GoodsReturn,
  settings: WarehouseSettings,
): readonly ReceivedLine[] {
  const { seed } = settings;
  const arriving: ReceivedLine[] = [];
  for (const line of physicalLines(goodsReturn)) {
    const { returnLineId } = line;
    const open = line.quantity - line.receivedQuantity;
    let arrived = open;
    if (happens(settings.returnMissingRate, seed, returnLineId, 'missing')) {
      arrived = 0;
    } else if (happens(settings.returnShortRate, seed, returnLineId, 'short')) {
      arrived = Math.floor(open / 2);
    } else if (happens(settings.returnOverRate, seed, returnLineId, 'over')) {
      arrived = open + 1;
    }
    const wrong = happens(settings.returnWrongItemRate, seed, returnLineId, 'wrong-item');
    if (arrived > 0 && open > 0) {
      const sku = wrong ? settings.wrongItemSku : line.code;
      arriving.push({ returnLineId, sku, quantity: arrived });
    }
  }
  return arriving;
}

/** Grade and disposition of what was received and not yet inspected, by seed and return line. */
export function inspectedUnits(
  goodsReturn: GoodsReturn,
  seed: number,
  shares: DispositionShares,
): readonly InspectedUnits[] {
  return physicalLines(goodsReturn).flatMap((line) =>
    inspectLine(
      line.returnLineId,
      line.receivedQuantity - line.inspectedQuantity,
      line.inspectedQuantity,
      seed,
      shares,
    ),
  );
}

function physicalLines(goodsReturn: GoodsReturn) {
  return goodsReturn.lines.filter((line) => line.kind === 'goods');
}

function inspectLine(
  returnLineId: string,
  quantity: number,
  inspectedBefore: number,
  seed: number,
  shares: DispositionShares,
): readonly InspectedUnits[] {
  const lots = Math.min(quantity, LOTS_A_LINE);
  const found = new Map<string, InspectedUnits>();
  for (let lot = 0; lot < lots; lot += 1) {
    const size = Math.floor(((lot + 1) * quantity) / lots) - Math.floor((lot * quantity) / lots);
    const name = [returnLineId, inspectedBefore, lot] as const;
    const disposition = drawDisposition(seededFraction(seed, ...name, 'disposition'), shares);
    const grade = drawGrade(seededFraction(seed, ...name, 'grade'), disposition);
    const same = found.get(`${disposition}/${grade}`);
    found.set(`${disposition}/${grade}`, {
      returnLineId,
      quantity: (same?.quantity ?? 0) + size,
      grade,
      disposition,
    });
  }
  return [...found.values()];
}

function drawDisposition(fraction: number, shares: DispositionShares): Disposition {
  let reached = 0;
  for (const disposition of DISPOSITIONS) {
    reached += shares[disposition];
    if (fraction < reached) {
      return disposition;
    }
  }
  // The shares add up to 1 within a rounding error, into which a fraction may fall.
  return 'restock';
}

/** The usual grade of a disposition, and the next one for a fifth of the units. */
function drawGrade(fraction: number, disposition: Disposition): Grade {
  const grades: Readonly<Record<Disposition, readonly [Grade, Grade]>> = {
    restock: ['A', 'B'],
    repack: ['B', 'A'],
    refurbish: ['C', 'B'],
    'vendor-return': ['C', 'D'],
    quarantine: ['C', 'D'],
    scrap: ['D', 'D'],
  };
  return grades[disposition][fraction < 0.8 ? 0 : 1];
}
