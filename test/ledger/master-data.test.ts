import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  putCustomers,
  putNodes,
  putSkus,
  putSuppliers,
} from '../../activities/ledger/intake/master-data.ts';
import { listCustomers, listNodes, listSkus } from '../../activities/ledger/read/master-data.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { openSmallShop, stockIn } from './small-shop.ts';

const plain = {
  description: 'A thing',
  unitOfMeasure: 'each',
  class: 'B',
  costMethod: 'fifo',
} as const;

describe('master data', () => {
  let test: TestLedger;
  beforeAll(async () => {
    test = await openLedger();
    await openSmallShop(test);
  });
  afterAll(async () => test?.close());

  it('tells created from updated from unchanged', async () => {
    const node = { node: 'west', name: 'West', country: 'GB', priority: 5 };
    const outcomes: unknown[] = [];
    for (const each of [node, node, { ...node, priority: 6 }]) {
      outcomes.push((await putNodes(test.ledger, [each])).results[0]?.result);
    }
    expect(outcomes).toEqual(['created', 'unchanged', 'updated']);
  });

  it('lets one bad element fail alone, each result in the order given', async () => {
    const { results } = await putSkus(test.ledger, [
      { ...plain, sku: 'A-1' },
      { ...plain, sku: 'A-2', supplier: 'nobody' },
      { ...plain, sku: 'A-1', description: 'again' },
      { ...plain, sku: 'A-3', costMethod: 'standard' },
      { ...plain, sku: 'A-4', supplierPrice: '2.5' },
      {
        ...plain,
        sku: 'A-5',
        supplier: 'acme',
        supplierPrice: '2.5',
        minimumQuantity: 6,
        multipleQuantity: 3,
      },
    ]);
    expect(results).toMatchObject([
      { sku: 'A-1', result: 'created' },
      { sku: 'A-2', result: 'refused', errors: [{ path: 'supplier' }] },
      { sku: 'A-1', result: 'refused', errors: [{ path: 'sku' }] },
      { sku: 'A-3', result: 'refused', errors: [{ path: 'standardCost' }] },
      { sku: 'A-4', result: 'refused', errors: [{ path: 'supplier' }] },
      { sku: 'A-5', result: 'created' },
    ]);
    const { data } = await listSkus(test.ledger, { limit: 10, sku: 'A-5' });
    expect(data).toMatchObject([
      { supplierPrice: '2.50', minimumQuantity: 6, multipleQuantity: 3 },
    ]);
  });

  it('counts a changed supplier price as an update', async () => {
    const sku = { ...plain, sku: 'P-1', supplier: 'acme', supplierPrice: '1' };
    await putSkus(test.ledger, [sku]);
    const { results } = await putSkus(test.ledger, [{ ...sku, supplierPrice: '1.1' }]);
    expect(results).toEqual([{ sku: 'P-1', result: 'updated' }]);
  });

  it('refuses another cost method or standard cost while stock is left', async () => {
    await stockIn(test.owner, { sku: 'MUG', quantity: 1, unitCost: '4', key: 'md-1' });
    await stockIn(test.owner, { sku: 'TIN', quantity: 1, unitCost: '4', key: 'md-2' });
    const { results } = await putSkus(test.ledger, [
      { ...plain, sku: 'MUG', costMethod: 'average' },
      { ...plain, sku: 'TIN', costMethod: 'standard', standardCost: '11' },
      { ...plain, sku: 'JAR', costMethod: 'fifo' },
    ]);
    expect(results).toMatchObject([
      { result: 'refused', errors: [{ path: 'costMethod' }] },
      { result: 'refused', errors: [{ path: 'standardCost' }] },
      { result: 'updated' },
    ]);
  });

  it('knows a customer by channel and external id', async () => {
    const { results } = await putCustomers(test.ledger, [
      { channel: 'web', externalId: 'c-1', name: 'Ada' },
      { channel: 'web', externalId: 'c-2', name: 'Bo' },
      { channel: 'nowhere', externalId: 'c-1' },
    ]);
    expect(results.map((one) => one.result)).toEqual(['unchanged', 'created', 'refused']);
    const { data } = await listCustomers(test.ledger, { limit: 10, channel: 'web' });
    expect(data.map((one) => one.externalId)).toEqual(['c-2', 'c-1']);
  });

  it('pages through a list without gap or repeat, newest first', async () => {
    await putSuppliers(test.ledger, [
      { supplier: 'bulk', name: 'Bulk', currency: 'GBP', leadTimeDays: 1 },
    ]);
    const skus = Array.from({ length: 25 }, (_, n) => `PAGE-${String(n).padStart(2, '0')}`);
    await putSkus(
      test.ledger,
      skus.map((sku) => ({ ...plain, sku, supplier: 'bulk' })),
    );
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listSkus(test.ledger, { limit: 10, cursor, supplier: 'bulk' });
      seen.push(...page.data.map((one) => one.sku));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen.toSorted()).toEqual(skus);
  });

  it('refuses a cursor that it has not given out', async () => {
    await expect(listNodes(test.ledger, { limit: 10, cursor: 'nonsense' })).rejects.toMatchObject({
      type: 'InvalidInput',
      path: 'cursor',
    });
  });
});
