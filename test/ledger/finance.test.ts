import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordFinanceEntry } from '../../activities/ledger/intake/record-finance-entry.ts';
import { submitDecision } from '../../activities/ledger/intake/submit-decision.ts';
import {
  listFinanceEntries,
  readFinanceEntry,
  readFinanceEntrySnapshot,
  readTrialBalance,
} from '../../activities/ledger/read/finance.ts';
import { recordDecision } from '../../activities/ledger/steps/decision.ts';
import { beginFinanceEntry, endFinanceEntry } from '../../activities/ledger/steps/finance-entry.ts';
import { decideWithApproval } from '../../rules/finance/approve-entry.ts';
import { ENTRY_KINDS, type EntryKind } from '../../rules/finance/decide-entry.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { NOON, seedAdjustmentShop } from './adjustment-shop.ts';

/** The accounts on which an entry's own amount stands; every other account is its other side. */
const OWN_ACCOUNTS = [
  'manual-adjustments',
  'marketplace-fees',
  'bank-charges',
  'bank-charges-recovered',
  'bad-debt',
  'samples',
  'donations',
  'voucher-liability',
];

let shop: TestLedger;
let refs = 0;

beforeAll(async () => {
  shop = await openLedger();
  await seedAdjustmentShop(shop.owner);
});
afterAll(() => shop.close());

interface Entry {
  readonly kind: EntryKind;
  readonly quantity: number;
  readonly unitPrice: string;
  readonly customer?: { externalId: string } | undefined;
  readonly invoice?: string;
  readonly externalRef?: string;
  readonly currency?: string;
  readonly channel?: string;
}

/** Records an entry as the API does: read, let the rule decide, store. */
async function record({
  externalRef = `e${(refs += 1)}`,
  currency = 'GBP',
  channel = 'web',
  ...entry
}: Entry) {
  const snapshot = await readFinanceEntrySnapshot(shop.ledger, { occurredAt: NOON });
  const wish = { ...entry, currency, channel, occurredAt: NOON, actor: 'finance' };
  return recordFinanceEntry(shop.ledger, {
    ...entry,
    externalRef,
    currency,
    channel,
    occurredAt: NOON,
    sourceRef: `file:${externalRef}`,
    actor: 'finance',
    decision: decideWithApproval(snapshot, { ...wish, atMs: Date.parse(NOON) }),
  });
}

async function ownAmount(sourceRef: string): Promise<string> {
  const [row] = await shop.owner<{ amount: string }[]>`
    select coalesce(sum(case when credit = any (${OWN_ACCOUNTS}) then amount_minor else 0 end)
      - sum(case when debit = any (${OWN_ACCOUNTS}) then amount_minor else 0 end), 0)::text as amount
    from ledger.posting where source_ref = ${sourceRef}`;
  return row?.amount ?? '';
}

describe('a finance entry', () => {
  test.each(
    ENTRY_KINDS.flatMap(
      (kind) =>
        [
          [kind, -3],
          [kind, 3],
        ] as const,
    ),
  )(
    'of kind %s and quantity %i posts its signed amount under its source reference',
    async (kind, quantity) => {
      const { entry, replayed } = await record({ kind, quantity, unitPrice: '0.115' });
      expect({ replayed, state: entry.state, process: entry.process }).toEqual({
        replayed: false,
        state: 'posted',
        process: null,
      });
      expect(entry.amount.amountMinor).toBe(quantity < 0 ? '-35' : '35');
      expect(entry.belowMinor).toBe(quantity < 0 ? '0.5' : '-0.5');
      expect(await ownAmount(entry.sourceRef ?? '')).toBe(entry.amount.amountMinor);
    },
  );

  test('that credits a customer raises the credit that may be used', async () => {
    const customer = { externalId: 'c-17' };
    await record({ kind: 'manual', quantity: -1, unitPrice: '12.50', customer });
    await record({ kind: 'manual', quantity: -1, unitPrice: '2.50', customer });
    const [credit] =
      await shop.owner`select balance_minor::int as balance from ledger.customer_credit`;
    expect(credit).toEqual({ balance: 1500 });
  });

  test('is recorded once, however often it is sent; other content is refused', async () => {
    const fee: Entry = { kind: 'fee', quantity: -1, unitPrice: '9.99', externalRef: 'once' };
    const answers = await Promise.all(Array.from({ length: 6 }, () => record(fee)));
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await ownAmount('file:once')).toBe('-999');
    await expect(record({ ...fee, unitPrice: '9.98' })).rejects.toMatchObject({
      type: 'IdempotencyMismatch',
    });
  });

  test.each([
    [{ invoice: 'INV-0' }, 'invoice'],
    [{ channel: 'nowhere', customer: { externalId: 'c' } }, 'channel'],
  ])('with %j is refused and the field is named', async (wrong, path) => {
    const asked = record({ kind: 'bad-debt', quantity: -1, unitPrice: '1', ...wrong });
    await expect(asked).rejects.toMatchObject({ type: 'InvalidInput', path });
  });

  test.each([
    ['approve', 'posted', '-200000'],
    ['reject', 'rejected', '0'],
  ] as const)(
    'of kind manual above the threshold waits: %s makes it %s',
    async (decision, state, amount) => {
      const { entry } = await record({ kind: 'manual', quantity: -1, unitPrice: '2000' });
      expect(entry).toMatchObject({
        state: 'in-review',
        process: 'pending',
        postings: [],
        approval: { role: 'finance' },
      });
      const approvalId = entry.approval?.id ?? '';
      const processId = entry.id;
      expect(await beginFinanceEntry(shop.ledger, { processId })).toMatchObject({
        state: 'in-review',
        approvalId,
      });
      await submitDecision(shop.ledger, {
        approvalId,
        decisionId: `d:${entry.id}`,
        decision,
        actor: 'person:boss',
      });
      await recordDecision(shop.ledger, { approvalId, decisionId: `d:${entry.id}` });
      expect(await readFinanceEntry(shop.ledger, { entryId: entry.id })).toMatchObject({ state });
      expect(await ownAmount(entry.sourceRef ?? '')).toBe(amount);
      expect(await endFinanceEntry(shop.ledger, { processId })).toEqual({ applied: true, state });
    },
  );

  test('is listed newest first, by kind and state', async () => {
    const { entry } = await record({ kind: 'donation', quantity: -1, unitPrice: '5' });
    const { data } = await listFinanceEntries(shop.ledger, {
      limit: 1,
      kind: 'donation',
      state: 'posted',
    });
    expect(data.map(({ id }) => id)).toEqual([entry.id]);
  });
});

test('the trial balance is equal in every currency, whatever is entered', async () => {
  const entries = fc.array(
    fc.record({
      kind: fc.constantFrom(...ENTRY_KINDS),
      quantity: fc.integer({ min: -50, max: 50 }).filter((quantity) => quantity !== 0),
      unitPrice: fc
        .integer({ min: -19_999, max: 19_999 })
        .map((thousandths) => (thousandths / 1000).toFixed(3)),
      customer: fc.constantFrom(undefined, { externalId: 'c1' }),
      currency: fc.constantFrom('GBP', 'EUR'),
    }),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(entries, async (batch) => {
      await Promise.all(batch.map((entry) => record(entry)));
      const { accounts, totals } = await readTrialBalance(shop.ledger);
      for (const { currency, debitMinor, creditMinor, differenceMinor } of totals) {
        expect({ differenceMinor, debitMinor }).toEqual({
          differenceMinor: '0',
          debitMinor: creditMinor,
        });
        const ofCurrency = accounts.filter((account) => account.currency === currency);
        const debits = ofCurrency.reduce((sum, account) => sum + BigInt(account.debitMinor), 0n);
        expect(debits.toString()).toBe(debitMinor);
      }
    }),
    { numRuns: 20 },
  );
});
