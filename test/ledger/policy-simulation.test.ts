import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ledger } from '../../activities/ledger/connect.ts';
import {
  measurePastReturns,
  readPastReturns,
  type PastPeriod,
} from '../../activities/ledger/read/past-returns.ts';
import { readReturn } from '../../activities/ledger/read/return.ts';
import { simulateDraft, type SimulationStep } from '../../api/policy-simulation.ts';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { judgePastReturn } from '../../rules/policy/judge-past-return.ts';
import type { PastReturn } from '../../rules/policy/past-return.ts';
import type { SimulationReport } from '../../rules/policy/simulation-report.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import {
  askReturn,
  BACK,
  bringBack,
  placeOrder,
  seedReturnShop,
  sendOrder,
  settleReturn,
  stockIn,
} from './return-shop.ts';

const FROM = '2010-12-01T00:00:00Z';
const UNTIL = '2011-06-01T00:00:00Z';
const AT = '2026-11-01T09:00:00Z';
const LONG_AFTER = '2011-03-01T10:00:00Z';

let shop: TestLedger;
/** Outcome and rule of each return as it was decided, by id. */
const decided = new Map<string, { outcome: string; rule: string }>();

async function ask(externalRef: string, body: object): Promise<string> {
  const { outcome, return: view } = await askReturn(shop, { externalRef, ...body });
  decided.set(view.id, { outcome, rule: view.rule });
  return view.id;
}

/** An order of mugs at 30.00 that was sent. */
async function sold(id: string, quantity: number, channel = 'web'): Promise<string> {
  const lines = [{ sku: 'MUG', quantity, unitPrice: '30' }];
  const orderId = await placeOrder(shop, { id, lines, channel });
  await sendOrder(shop, orderId);
  return orderId;
}

const line = (orderId: string, quantity: number, fields: object = {}) => ({
  sku: 'MUG',
  orderLineId: `${orderId}#1`,
  quantity,
  ...fields,
});

beforeAll(async () => {
  shop = await openLedger();
  await seedReturnShop(shop.owner);
  await stockIn(shop.owner, 'MUG', 1_000, '2', 'po-1');
  const orders = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => sold(id, 10)));
  const [a = '', b = '', c = '', d = '', e = ''] = orders;
  const small = await ask('small', { orderId: a, lines: [line(a, 1)] });
  await ask('several', {
    orderId: b,
    lines: [line(b, 1), line(b, 1, { reasonCode: 'damaged' })],
  });
  const large = await ask('large', { orderId: c, lines: [line(c, 4)] });
  const late = { occurredAt: LONG_AFTER };
  await ask('late', { ...late, orderId: d, lines: [line(d, 1)] });
  await ask('late-fault', {
    ...late,
    orderId: d,
    lines: [line(d, 1, { reasonCode: 'defective' })],
  });
  await ask('dear', { orderId: e, lines: [line(e, 1, { unitPrice: '31' })] });
  await ask('blind', {
    customer: { externalId: 'c-9' },
    lines: [{ sku: 'MUG', quantity: 1, unitPrice: '30' }],
  });
  const old = await sold('f', 2, 'file');
  await ask('trusted', { channel: 'file', orderId: old, ...late, lines: [line(old, 1)] });
  await ask('mistrusted', {
    channel: 'file',
    orderId: old,
    ...late,
    trusted: false,
    lines: [line(old, 1)],
  });
  await bringBack(shop, await readReturn(shop.ledger, small));
  await settleReturn(shop, small);
  // Decided five hours after it was asked.
  await shop.owner`
    update ledger.approval set state = 'approved', closed_by = 'decision', decided_by = 'boss',
      decided_at = requested_at + interval '5 hours'
    where subject_id = ${large}`;
});
afterAll(() => shop?.close());

const everywhere: PastPeriod = {
  policy: 'return',
  channel: '*',
  region: '*',
  from: FROM,
  until: UNTIL,
  at: AT,
};

async function pastReturns(period: PastPeriod = everywhere): Promise<PastReturn[]> {
  const found: PastReturn[] = [];
  for await (const page of readPastReturns(shop.ledger, period)) found.push(...page.returns);
  return found;
}

const inForce = {
  return: DEFAULT_POLICIES.return,
  'approval-matrix': DEFAULT_POLICIES['approval-matrix'],
  'refund-timing': DEFAULT_POLICIES['refund-timing'],
};

async function reportOf(steps: AsyncIterable<SimulationStep>): Promise<SimulationReport> {
  for await (const step of steps) if ('report' in step) return step.report;
  throw new Error('no report');
}

const simulate = (fields: Partial<typeof inForce.return>, scope = { channel: '*', region: '*' }) =>
  reportOf(
    simulateDraft(shop.ledger, {
      policy: 'return',
      document: { ...inForce.return, ...fields },
      ...scope,
      from: FROM,
      until: UNTIL,
      at: AT,
    }),
  );

describe('past returns', () => {
  test('are judged again as they were judged: the same rule has the last word', async () => {
    const found = await pastReturns();
    expect(found.map(({ id }) => id).toSorted()).toEqual([...decided.keys()].toSorted());
    const again = found.map((past) => [past.id, judgePastReturn(inForce, past, null).rule]);
    expect(again).toEqual(found.map(({ id }) => [id, decided.get(id)?.rule]));
    expect(new Set([...decided.values()].map(({ rule }) => rule)).size).toBe(7);
    expect(found.every((past) => past.rule === decided.get(past.id)?.rule)).toBe(true);
  });

  test('bring the same outcome, where nothing has been decided about the rules since', async () => {
    for (const past of await pastReturns()) {
      const { outcome } = judgePastReturn(inForce, past, null);
      const said = { authorized: 'automatic', 'in-review': 'asked', refused: 'refused' };
      expect(outcome, past.id).toBe(said[decided.get(past.id)?.outcome as keyof typeof said]);
    }
  });

  test('tell what became of them in minutes', async () => {
    const found = await pastReturns();
    const [first] = found;
    expect(first).toMatchObject({
      channel: 'web',
      region: 'GB',
      orderClass: 'standard',
      currency: 'GBP',
      decisionMinutes: null,
      receiptMinutes: 0,
      inspectionMinutes: 0,
    });
    expect(first?.parts).toEqual([
      {
        line: 0,
        cover: 'sale',
        kind: 'goods',
        quantity: 1,
        unitPrice: '30',
        amountMinor: '3000',
        reasonCode: 'unspecified',
        sale: { orderId: 'order:web:a', unitPrice: '30', ageDays: 3 },
      },
    ]);
    expect(found.filter(({ decisionMinutes }) => decisionMinutes !== null)).toMatchObject([
      { decisionMinutes: 300, receiptMinutes: null, inspectionMinutes: null },
    ]);
    expect(await measurePastReturns(shop.ledger, { from: FROM, until: UNTIL })).toEqual({
      returns: decided.size,
      typicalDecisionMinutes: 300,
    });
    expect(await measurePastReturns(shop.ledger, { from: AT, until: AT })).toEqual({
      returns: 0,
      typicalDecisionMinutes: null,
    });
  });

  test('come page by page, each once, also those of one instant', async () => {
    const ids: string[] = [];
    let after: object | null = null;
    do {
      const page: { returns: { id: string }[]; looked: number; next: object | null } =
        await shop.ledger.report('list_past_returns', {
          ...everywhere,
          limit: 2,
          ...(after === null ? {} : { after }),
        });
      expect(page.looked).toBeLessThanOrEqual(2);
      ids.push(...page.returns.map(({ id }) => id));
      after = page.next;
    } while (after !== null);
    expect(ids).toEqual((await pastReturns()).map(({ id }) => id));
    expect(new Set(ids).size).toBe(decided.size);
  });

  test('are those of the period, and of the channel and region that the draft would hold for', async () => {
    expect(await pastReturns({ ...everywhere, until: BACK })).toEqual([]);
    const channels = (found: readonly PastReturn[]) => [
      ...new Set(found.map(({ channel }) => channel)),
    ];
    expect(channels(await pastReturns({ ...everywhere, channel: 'file' }))).toEqual(['file']);
    const british = await pastReturns({ ...everywhere, region: 'GB' });
    expect(british.every(({ region }) => region === 'GB')).toBe(true);
    expect(british.length).toBe(decided.size - 1);
    expect(await pastReturns({ ...everywhere, region: 'FR' })).toEqual([]);
  });
});

describe('a simulation on the ledger', () => {
  test('of the policy in force changes nothing, and writes nothing', async () => {
    const [before] = await shop.owner`select count(*)::int as rows from ledger.timeline`;
    const report = await simulate({});
    expect(report).toMatchObject({ changedReturns: 0, otherwiseThen: 0, examples: [] });
    expect(report.after).toEqual(report.before);
    expect(await shop.owner`select count(*)::int as rows from ledger.timeline`).toEqual([before]);
  });

  test('tells what a stricter policy would have done, with returns to open', async () => {
    const report = await simulate({ approvalAboveMinor: '2999', blind: 'refuse' });
    const counts = ({
      returns,
      approvalsAsked,
      refundsAutomatic,
      refused,
    }: SimulationReport['before']) => ({
      returns,
      approvalsAsked,
      refundsAutomatic,
      refused,
    });
    expect(counts(report.before)).toEqual({
      returns: 9,
      approvalsAsked: 4,
      refundsAutomatic: 3,
      refused: 2,
    });
    expect(counts(report.after)).toEqual({
      returns: 9,
      approvalsAsked: 6,
      refundsAutomatic: 0,
      refused: 3,
    });
    expect(report.changedReturns).toBe(4);
    for (const { returnId } of report.examples) {
      expect(await readReturn(shop.ledger, returnId)).toMatchObject({ id: returnId });
    }
    expect(report.segments.channel.map(({ name, before }) => [name, before.returns])).toEqual([
      ['web', 7],
      ['file', 2],
    ]);
  });

  test('leaves out those for whom a narrower version holds', async () => {
    await shop.owner`
      insert into ledger.policy_version (policy, version, channel, effective_from, document)
      select 'return', max(version) + 1, 'file', '2026-01-01', ${shop.owner.json(inForce.return)}
      from ledger.policy_version where policy = 'return'`;
    expect((await simulate({ windowDays: 1 })).before.returns).toBe(7);
    const ofChannel = await simulate({ windowDays: 1 }, { channel: 'file', region: '*' });
    expect(ofChannel.before.returns).toBe(2);
  });

  test('takes waits as they are assumed where the past does not tell', async () => {
    const asked = {
      policy: 'return',
      document: { ...inForce.return, approvalAboveMinor: '0' },
      channel: '*',
      region: '*',
      from: FROM,
      until: UNTIL,
      at: AT,
    } as const;
    const { before, after, summary } = await reportOf(
      simulateDraft(shop.ledger, { ...asked, decisionHours: 4, inspectionHours: 24 }),
    );
    // Five hours were what it took in fact. Each return of goods waits a day, those of a person four hours more.
    const waiting = ({ refused, returns, approvalsAsked }: typeof before) =>
      (24 * (returns - refused) + 4 * approvalsAsked).toFixed(1);
    expect(before.waitingHours).toBe(waiting(before));
    expect(after.waitingHours).toBe(waiting(after));
    expect(after.approvalsAsked).toBeGreaterThan(before.approvalsAsked);
    expect(summary.at(-1)).toBe(
      'It is assumed that a decision takes 4 h and an inspection takes 24 h.',
    );
  });

  test('tells how far it is, and stops when it is late', async () => {
    const request = {
      policy: 'return',
      document: inForce.return,
      channel: '*',
      region: '*',
      from: FROM,
      until: UNTIL,
      at: AT,
    } as const;
    // Pages of four, so that there are some.
    const inSmallPages: Ledger = {
      ...shop.ledger,
      report: (name, asked) => shop.ledger.report(name, { ...(asked as object), limit: 4 }),
    };
    const stepsUnless = async (isLate: () => boolean) => {
      const steps: SimulationStep[] = [];
      for await (const step of simulateDraft(inSmallPages, request, isLate)) steps.push(step);
      return steps;
    };
    const whole = await stepsUnless(() => false);
    expect(whole.slice(0, 3)).toEqual([4, 8, 9].map((looked) => ({ progress: { looked, of: 9 } })));
    expect(whole[3]).toEqual({ report: await simulate({}) });
    expect(await stepsUnless(() => true)).toEqual([
      { progress: { looked: 4, of: 9 } },
      { stopped: { looked: 4, of: 9 } },
    ]);
  });

  test('judges each return by what is in force for its channel and region, with the draft for the version that it replaces', async () => {
    const matrix = inForce['approval-matrix'];
    const asking = matrix.rows.find(({ id }) => id === 'return-large')?.levels ?? [];
    const rows = matrix.rows.map((row) =>
      row.subject === 'return' ? { ...row, levels: asking } : row,
    );
    await shop.owner`
      insert into ledger.policy_version (policy, version, channel, region, effective_from, document)
      select 'approval-matrix', max(version) + 1, 'web', 'GB', '2026-01-01', ${shop.owner.json({ ...matrix, rows })}
      from ledger.policy_version where policy = 'approval-matrix'`;
    // The return policy of everywhere holds for the channel web alone by now; one of its returns has no region.
    const returns = await simulate({});
    expect(returns.before).toMatchObject({ returns: 7, approvalsAsked: 6, refundsAutomatic: 0 });
    expect(returns.changedReturns).toBe(0);

    const matrixDraft = (scope: { channel: string; region: string }) =>
      reportOf(
        simulateDraft(shop.ledger, {
          policy: 'approval-matrix',
          document: matrix,
          ...scope,
          from: FROM,
          until: UNTIL,
          at: AT,
        }),
      );
    const ofBoth = await matrixDraft({ channel: 'web', region: 'GB' });
    expect(ofBoth.before).toMatchObject({ returns: 6, approvalsAsked: 5, refused: 1 });
    expect(ofBoth.after).toMatchObject({ approvalsAsked: 3, refundsAutomatic: 2, refused: 1 });
    const everywhereElse = await matrixDraft({ channel: '*', region: '*' });
    expect(everywhereElse.before.returns).toBe(3);
    expect(everywhereElse.changedReturns).toBe(0);
  });
});
