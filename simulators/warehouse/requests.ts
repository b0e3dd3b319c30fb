import { z } from 'zod';
import { baseFaults, baseSettings, HANG_MS, NO_FAULTS, share, text } from '../fields.ts';

export const DISPOSITIONS = [
  'restock',
  'repack',
  'refurbish',
  'vendor-return',
  'quarantine',
  'scrap',
] as const;

export type Disposition = (typeof DISPOSITIONS)[number];

const dispositionShares = z
  .strictObject({
    restock: share,
    repack: share,
    refurbish: share,
    'vendor-return': share,
    quarantine: share,
    scrap: share,
  })
  .refine(
    (shares) => Math.abs(Object.values(shares).reduce((sum, one) => sum + one, 0) - 1) < 1e-6,
    'shares must add up to 1',
  );

export type DispositionShares = z.infer<typeof dispositionShares>;

export const warehouseSettings = z.strictObject({
  ...baseSettings,
  auto: z.boolean(),
  pollMs: z.int().min(10).max(60_000),
  /** The longest pause between two looks while there is nothing to do. */
  idlePollMs: z.int().min(10).max(60_000),
  concurrency: z.int().min(1).max(64),
  /** How long after its release (recordedAt, wall clock) a shipment leaves the house. */
  handlingMs: z.int().min(0).max(86_400_000),
  /** `wall`: goods arrive by the wall clock; `advanced`: by the last `/_sim/advance`. */
  clock: z.enum(['wall', 'advanced']),
  carrierUrl: z.url().nullable(),
  carrierName: text,
  apiUrl: z.url(),
  apiKey: z.string().min(1),
  callDeadlineMs: z.int().min(10).max(60_000),
  advanceDeadlineMs: z.int().min(10).max(600_000),
  dispositions: dispositionShares,
  /** Shares of return lines of which fewer, more, other, or no goods arrive. */
  returnShortRate: share,
  returnOverRate: share,
  returnWrongItemRate: share,
  returnMissingRate: share,
  wrongItemSku: text,
  faults: z.strictObject(baseFaults),
});

export type WarehouseSettings = z.infer<typeof warehouseSettings>;

export function startingWarehouseSettings(options: {
  readonly seed: number;
  readonly mode: 'live' | 'replay';
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly carrierUrl: string | null;
}): WarehouseSettings {
  const live = options.mode === 'live';
  return {
    seed: options.seed,
    latencyMs: 2,
    auto: true,
    pollMs: 100,
    idlePollMs: 1_000,
    concurrency: 8,
    handlingMs: live ? 3_000 : 0,
    clock: live ? 'wall' : 'advanced',
    carrierUrl: options.carrierUrl,
    carrierName: 'simulated-carrier',
    apiUrl: options.apiUrl,
    apiKey: options.apiKey,
    callDeadlineMs: 5_000,
    advanceDeadlineMs: 60_000,
    dispositions: {
      restock: 0.86,
      repack: 0.03,
      refurbish: 0.02,
      'vendor-return': 0.03,
      quarantine: 0.03,
      scrap: 0.03,
    },
    returnShortRate: 0,
    returnOverRate: 0,
    returnWrongItemRate: 0,
    returnMissingRate: 0,
    wrongItemSku: 'WRONG-ITEM',
    hangMs: HANG_MS,
    faults: NO_FAULTS,
  };
}

const quantity = z.int().min(0);

export const shipmentShape = z.object({
  id: text,
  releasedAt: text,
  recordedAt: text,
  lines: z.array(
    z.object({
      orderLineId: text,
      sku: text,
      quantity,
      dispatchedQuantity: quantity.default(0),
    }),
  ),
});

export const noticeShape = z.object({
  noticeId: text,
  purchaseOrderId: text,
  expectedAt: text,
  lines: z.array(
    z.object({
      lineNo: z.int(),
      sku: text.optional(),
      quantity,
      receivedQuantity: quantity.default(0),
    }),
  ),
});

export const returnShape = z.object({
  id: text,
  requestedAt: text,
  authorizedAt: text.nullish(),
  receivedAt: text.nullish(),
  lines: z.array(
    z.object({
      returnLineId: text,
      kind: text,
      code: text,
      quantity,
      receivedQuantity: quantity.default(0),
      inspectedQuantity: quantity.default(0),
    }),
  ),
});

export type Shipment = z.infer<typeof shipmentShape>;
export type ShippingNotice = z.infer<typeof noticeShape>;
export type GoodsReturn = z.infer<typeof returnShape>;
