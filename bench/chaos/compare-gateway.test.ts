import { expect, test } from 'vitest';
import { compareGateway } from './compare-gateway.ts';
import type { Comparison } from './comparison.ts';
import type { BookFact } from './sim-books.ts';

const authorization = (id: string, reference: string): BookFact => ({
  kind: 'authorization',
  id,
  reference,
  amountMinor: '500',
  status: 'authorized',
});
const operation = (kind: string, authorizationId: string, reference: string): BookFact => ({
  kind,
  authorizationId,
  reference,
  amountMinor: '500',
  status: 'succeeded',
});

/** The ledger's side, by a word that only one query has. */
interface Ledger {
  readonly captured?: Readonly<Record<string, string>>;
  readonly open?: Readonly<Record<string, string>>;
  readonly orders?: Readonly<Record<string, string>>;
  readonly used?: Readonly<Record<string, string>>;
}

async function compare(book: readonly BookFact[], ledger: Ledger): Promise<string[]> {
  const ask = async (query: string) => {
    const rows = query.includes('late-fact')
      ? ledger.open
      : query.includes('capture_id')
        ? ledger.captured
        : query.includes('external_id')
          ? ledger.orders
          : query.includes('order_id as value')
            ? ledger.used
            : {};
    return new Map(Object.entries(rows ?? {}));
  };
  const comparisons: Comparison[] = await compareGateway(ask, book);
  return comparisons.flatMap(({ differences }) => differences);
}

test('books that say the same have no difference', async () => {
  const book = [authorization('a1', 'payment:1'), operation('capture', 'a1', 'capture:1')];
  expect(await compare(book, { captured: { 'capture:1': '500' } })).toEqual([]);
});

test('a charge that happened twice, or that the other side does not know, is a difference', async () => {
  const capture = operation('capture', 'a1', 'capture:1');
  const book = [authorization('a1', 'payment:1'), authorization('a2', 'payment:1'), capture];
  const twice = [...book, { ...capture, authorizationId: 'a2' }];
  expect(await compare(twice, { captured: { 'capture:1': '500' } })).toEqual([
    'capture:1: 2 times',
  ]);
  expect(await compare([], { captured: { 'capture:1': '500' } })).toEqual([
    'capture:1 (500): the provider has none',
  ]);
});

test('money that is held for no open order has to be known on the board, by its own id', async () => {
  const book = [authorization('a1', 'payment:1')];
  expect(await compare(book, { open: { a2: 'late-fact' } })).toEqual([
    'a1 for payment:1: 500 held for nobody',
  ]);
  expect(await compare(book, { open: { a1: 'late-fact' } })).toEqual([]);
  expect(await compare([...book, operation('void', 'a1', 'v')], {})).toEqual([]);
});

test("a channel's own authorization is its own affair until its order is there", async () => {
  const book = [authorization('a1', 'channel-1-7')];
  expect(await compare(book, {})).toEqual([]);
  expect(await compare(book, { orders: { 'chaos-1-7': 'order:web:chaos-1-7' } })).toEqual([
    'a1 for channel-1-7: 500 held for nobody',
    'a1 (channel-1-7): its order is there without it',
  ]);
});
