import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import {
  claimException,
  mergeExceptions,
  snoozeException,
} from '../../activities/ledger/intake/work-on-exception.ts';
import { listExceptions, readExceptionSummary } from '../../activities/ledger/read/exception.ts';
import { ageingBucket, AGEING_BUCKETS, BUCKET_BOUNDS } from '../../rules/exception/ageing.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { heal, hoursOn, MONDAY, placeFor, raise } from './board.ts';

let shop: TestLedger;
const ids: Record<string, string> = {};

/** A board on Monday noon: some new, some old, some put aside, merged and closed. */
beforeAll(async () => {
  shop = await openLedger({ connections: 4 });
  const { ledger, owner } = shop;
  const places = { orderClass: 'standard' };
  await placeFor(owner, {
    ...places,
    id: 'order:web:1',
    channel: 'web',
    country: 'GB',
    node: 'north',
  });
  await placeFor(owner, {
    ...places,
    id: 'order:shop:2',
    channel: 'shop',
    country: 'FR',
    node: 'south',
  });
  await placeFor(owner, {
    ...places,
    id: 'order:web:7',
    channel: 'web',
    country: 'GB',
    node: 'north',
  });
  await placeFor(owner, {
    ...places,
    id: 'order:shop:8',
    channel: 'shop',
    country: 'FR',
    node: 'south',
  });
  const put = async (name: string, trouble: Parameters<typeof raise>[1]) => {
    ids[name] = await raise(shop, trouble);
  };
  await put('fresh', { kind: 'delivery', subject: 'order:web:1', at: hoursOn(-1) });
  await put('late', { kind: 'payment', subject: 'order:web:1', at: hoursOn(-30) });
  await put('old', { kind: 'supplier-late', subject: 'purchase-order:none', at: hoursOn(-400) });
  await put('aside', { kind: 'delivery', subject: 'order:shop:2', at: hoursOn(-5) });
  await put('twin', { kind: 'payment', subject: 'order:shop:2', at: hoursOn(-5) });
  await put('closed', { kind: 'carrier', subject: 'order:web:7', at: hoursOn(-50) });
  await put('closed late', { kind: 'carrier', subject: 'order:shop:8', at: hoursOn(-60) });
  await put('healed', { kind: 'stock-short', subject: 'order:web:7', at: hoursOn(-60) });
  await put('far', {
    kind: 'connector',
    subject: 'connector:web',
    evidence: { channel: 'web' },
    at: hoursOn(-2),
  });
  const act = (name: string) => ({ exceptionId: ids[name] ?? '', actor: 'olga', at: MONDAY });
  await claimException(ledger, { ...act('late'), claimId: 'c1' });
  await snoozeException(ledger, {
    ...act('aside'),
    snoozeId: 's1',
    wakeAt: hoursOn(3),
    reason: 'asked',
  });
  await mergeExceptions(ledger, {
    ...act('late'),
    mergeId: 'm1',
    duplicateId: ids['twin'] ?? '',
  });
  const close = (name: string, at: string, rootCause: string) =>
    resolveException(ledger, {
      exceptionId: ids[name] ?? '',
      resolutionId: 'r1',
      action: 'accept',
      rootCause,
      actor: 'otto',
      at,
    });
  await close('closed', hoursOn(-40), 'carrier-lost');
  await close('closed late', hoursOn(-10), 'carrier-lost');
  await heal(shop, { kind: 'stock-short', subject: 'order:web:7', at: hoursOn(-50) });
});
afterAll(() => shop?.close());

async function found(
  filter: Omit<Parameters<typeof listExceptions>[1], 'limit'>,
): Promise<string[]> {
  const { data } = await listExceptions(shop.ledger, { limit: 50, ...filter });
  return data.map(({ id }) => Object.keys(ids).find((name) => ids[name] === id) ?? id).toSorted();
}

describe('the list', () => {
  test.each([
    [{ assignee: 'olga' }, ['late']],
    [{ severity: 'high' as const }, ['far', 'late', 'twin']],
    [{ snoozed: true }, ['aside']],
    [{ merged: true }, ['twin']],
    [{ state: 'open' as const, snoozed: false, merged: false }, ['far', 'fresh', 'late', 'old']],
    [{ state: 'open' as const, dueBefore: MONDAY }, ['late', 'old']],
    [{ node: 'south' }, ['aside', 'closed late', 'twin']],
    [{ channel: 'web' }, ['closed', 'far', 'fresh', 'healed', 'late']],
    [{ region: 'FR', kind: 'delivery' }, ['aside']],
    [{ owner: 'procurement' }, ['old']],
    [{ channel: 'nowhere' }, []],
  ])('filtered by %j shows %j', async (filter, names) => {
    expect(await found(filter)).toEqual(names);
  });

  test('shows what lies within reach, and what has no such place', async () => {
    expect(await found({ within: { nodes: ['south'] } })).toEqual(['aside', 'closed late', 'twin']);
    expect(await found({ state: 'open', within: { channels: ['web'] } })).toEqual([
      'far',
      'fresh',
      'late',
    ]);
    expect(await found({ within: { channels: ['web'], regions: ['FR'] } })).toEqual([]);
    expect(await found({ within: { nodes: [] } })).toEqual([]);
    expect((await found({ within: {} })).length).toBe(Object.keys(ids).length);
  });
});

describe('the summary', () => {
  const summarize = (filter: object = {}) =>
    readExceptionSummary(shop.ledger, {
      at: MONDAY,
      since: hoursOn(-100),
      bounds: BUCKET_BOUNDS,
      ...filter,
    });

  test('counts what is open by owner and person; the same trouble counts once', async () => {
    const summary = await summarize();
    expect(summary).toMatchObject({
      open: 5,
      overdue: 2,
      unassigned: 4,
      snoozed: 1,
      escalated: 0,
      merged: 1,
      assignees: [{ assignee: 'olga', open: 1, overdue: 1 }],
    });
    expect(summary.owners).toMatchObject([
      { owner: 'finance', open: 1, overdue: 1, oldestRaisedAt: hoursOn(-30), nextDueAt: null },
      { owner: 'ops', open: 1, overdue: 0, nextDueAt: hoursOn(2) },
      { owner: 'procurement', open: 1, overdue: 1 },
      { owner: 'support', open: 2, snoozed: 1, unassigned: 2, oldestRaisedAt: hoursOn(-5) },
    ]);
  });

  test('ages as the rule does', async () => {
    const { ageing } = await summarize();
    const { data } = await listExceptions(shop.ledger, { limit: 50, state: 'open', merged: false });
    const byRule = data.map(({ raisedAt }) =>
      ageingBucket(Date.parse(raisedAt), Date.parse(MONDAY)),
    );
    const counted = ageing.flatMap(({ bucket, open }) =>
      Array.from({ length: open }, () => AGEING_BUCKETS[bucket]?.bucket),
    );
    expect(counted.map(String).toSorted()).toEqual(byRule.toSorted());
    expect(new Set(counted).size).toBe(4);
  });

  test('says what was closed in time, what ended by itself, and why', async () => {
    const { closed, rootCauses } = await summarize();
    expect(closed).toEqual([
      { kind: 'carrier', closed: 2, inTime: 1, healed: 0 },
      { kind: 'stock-short', closed: 1, inTime: 1, healed: 1 },
    ]);
    expect(rootCauses).toEqual([
      { rootCause: 'carrier-lost', closed: 2 },
      { rootCause: 'resolved-itself', closed: 1 },
    ]);
    expect((await summarize({ since: hoursOn(-20) })).closed).toEqual([
      { kind: 'carrier', closed: 1, inTime: 0, healed: 0 },
    ]);
  });

  test('is of one owner, one kind, or what lies within reach', async () => {
    expect(await summarize({ owner: 'support' })).toMatchObject({ open: 2, closed: [] });
    expect(await summarize({ kind: 'payment' })).toMatchObject({ open: 1, merged: 1 });
    expect(await summarize({ within: { nodes: ['south'] } })).toMatchObject({
      open: 1,
      merged: 1,
      closed: [{ kind: 'carrier', closed: 1, inTime: 0 }],
    });
  });
});
