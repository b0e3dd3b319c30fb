/** What `npm start` fills a new ledger with: four channels, three warehouses, 500 SKUs with stock. */

const SKU_COUNT = 500;
const BATCH = 250;
const OPENED_AT = '2026-01-05T08:00:00Z';

const CHANNELS = [
  { channel: 'web', name: 'Web shop', kind: 'web-shop', backorder: null },
  { channel: 'north-market', name: 'North Market', kind: 'marketplace', backorder: 'refuse' },
  { channel: 'bazaar', name: 'Bazaar', kind: 'marketplace', backorder: 'refuse' },
  { channel: 'b2b', name: 'B2B portal', kind: 'b2b-portal', backorder: 'allow' },
];

const NODES = [
  { node: 'leeds', name: 'Leeds warehouse', country: 'GB', priority: 1 },
  { node: 'bristol', name: 'Bristol warehouse', country: 'GB', priority: 2 },
  { node: 'dublin', name: 'Dublin warehouse', country: 'IE', priority: 3 },
];

const SUPPLIERS = [
  { supplier: 'kiln-and-clay', name: 'Kiln & Clay', currency: 'GBP', leadTimeDays: 5 },
  { supplier: 'harbour-textiles', name: 'Harbour Textiles', currency: 'GBP', leadTimeDays: 7 },
  { supplier: 'lumen-works', name: 'Lumen Works', currency: 'GBP', leadTimeDays: 4 },
  { supplier: 'paper-mill', name: 'The Paper Mill', currency: 'GBP', leadTimeDays: 3 },
  { supplier: 'oak-street', name: 'Oak Street Furniture', currency: 'GBP', leadTimeDays: 14 },
];

/** What is sold: name, supplier (by position), price in pence. */
const GOODS = [
  ['mug', 0, 850],
  ['bowl', 0, 1250],
  ['vase', 0, 2400],
  ['cushion', 1, 1800],
  ['throw', 1, 3900],
  ['apron', 1, 1650],
  ['lantern', 2, 2200],
  ['table lamp', 2, 4900],
  ['notebook', 3, 620],
  ['greeting card', 3, 250],
  ['stool', 4, 6900],
  ['shelf', 4, 8400],
] as const;

const COLOURS = [
  'terracotta',
  'ivory',
  'moss',
  'slate',
  'ochre',
  'indigo',
  'rose',
  'charcoal',
  'sand',
  'teal',
];
const COST_METHODS = ['fifo', 'average', 'standard'] as const;

interface SampleSku {
  readonly sku: string;
  readonly description: string;
  readonly supplierPrice: string;
  readonly [field: string]: unknown;
}

/**
 * Fills a new ledger through the API, as a merchant's own tools would. Safe to repeat: what is there
 * stays as it is.
 */
export async function seedSampleShop(options: {
  apiUrl: string;
  apiKey: string;
  log: (line: string) => void;
}): Promise<void> {
  const call = caller(options);
  const skus = Array.from({ length: SKU_COUNT }, (_, index) => sampleSku(index));
  if (await isSeeded(call, skus)) return;
  await call('PUT', '/v1/channels', CHANNELS);
  await call('PUT', '/v1/nodes', NODES);
  await call('PUT', '/v1/suppliers', SUPPLIERS);
  for (let from = 0; from < skus.length; from += BATCH) {
    await call('PUT', '/v1/skus', skus.slice(from, from + BATCH));
  }
  for (const [position, { node }] of NODES.entries()) {
    for (let from = 0; from < skus.length; from += BATCH) {
      const part = skus.slice(from, from + BATCH);
      await call('POST', '/v1/stock/receipts', {
        receiptId: `opening-${node}-${from}`,
        node,
        occurredAt: OPENED_AT,
        lines: part.map(({ sku, supplierPrice }, index) => ({
          sku,
          quantity: 5 + (((from + index) * 7 + position * 11) % 60),
          unitCost: supplierPrice,
        })),
      });
    }
    options.log(`sample shop: ${node} is stocked (${position + 1} of ${NODES.length})`);
  }
}

function sampleSku(index: number): SampleSku {
  const [name, supplier, pence] = GOODS[index % GOODS.length] ?? GOODS[0];
  const colour = COLOURS[Math.floor(index / GOODS.length) % COLOURS.length] ?? 'plain';
  const series = Math.floor(index / (GOODS.length * COLOURS.length)) + 1;
  const costMethod = COST_METHODS[index % 10 === 9 ? 2 : index % 10 === 8 ? 1 : 0] ?? 'fifo';
  const supplierPrice = ((pence * 45) / 10_000).toFixed(4);
  return {
    sku: `LL-${String(index + 1).padStart(4, '0')}`,
    description: `${colour[0]?.toUpperCase()}${colour.slice(1)} ${name}, series ${series}`,
    unitOfMeasure: 'each',
    barcode: `50${String(10_000_000_000 + index)}`,
    class: index % 5 === 0 ? 'A' : index % 5 < 3 ? 'B' : 'C',
    costMethod,
    ...(costMethod === 'standard' ? { standardCost: supplierPrice } : {}),
    supplier: SUPPLIERS[supplier]?.supplier,
    supplierPrice,
    minimumQuantity: 6,
    multipleQuantity: 6,
  };
}

type Call = (method: string, path: string, body?: unknown) => Promise<unknown>;

function caller({ apiUrl, apiKey }: { apiUrl: string; apiKey: string }): Call {
  return async (method, path, body) => {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    if (response.status === 404) return undefined;
    if (!response.ok)
      throw new Error(
        `The sample shop could not be made: ${method} ${path}: ${await response.text()}`,
      );
    return response.json();
  };
}

/** The last thing that seeding does is to stock the last SKU at the last node. */
async function isSeeded(call: Call, skus: readonly SampleSku[]): Promise<boolean> {
  const last = (await call('GET', `/v1/stock/${skus.at(-1)?.sku}`)) as
    | { nodes?: { node: string }[] }
    | undefined;
  return last?.nodes?.some(({ node }) => node === NODES.at(-1)?.node) ?? false;
}
