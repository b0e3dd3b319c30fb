import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeKey } from '../../activities/ledger/intake/service-keys.ts';
import { readApprovalCase } from '../../activities/ledger/read/approval-case.ts';
import { judgeDuties } from '../../activities/ledger/read/duties.ts';
import { EVERYWHERE } from '../../rules/access/decide-access.ts';
import { ApprovalShop, levelOf, matrixOf } from './approval-shop.ts';

let desk: ApprovalShop;

beforeEach(async () => {
  desk = await ApprovalShop.open();
});
afterEach(() => desk.close());

interface Forged {
  readonly by: string;
  readonly onBehalfOf?: string;
  readonly delegationId?: string;
  readonly level?: number;
  readonly run?: number;
  readonly seat?: object;
}

const SEAT = { kind: 'role', name: 'approver', escalation: false };

/** Writes a decision as a bug would that asks no rule, as the owner of the tables. */
async function forge(approvalId: string, forged: Forged): Promise<void> {
  const { owner } = desk.shop;
  const { by, onBehalfOf = null, delegationId = null, level = 0, run = 1, seat = SEAT } = forged;
  const body = owner.json({ decision: 'approve', seat, delegationId } as never);
  await owner`
    insert into ledger.approval_event
      (approval_id, sequence, kind, run, level, body, actor, on_behalf_of, occurred_at)
    select ${approvalId}, max(sequence) + 1, 'decided', ${run}, ${level}, ${body}, ${by}, ${onBehalfOf}, now()
    from ledger.approval_event where approval_id = ${approvalId}`;
}

/** Calls the ledger's own function as the application does, with events that no rule has judged. */
async function append(approvalId: string, event: object, state = 'approved'): Promise<unknown> {
  const { sequence } = await readApprovalCase(desk.shop.ledger, { approvalId });
  return desk.shop.ledger.call('append_approval_events', {
    approvalId,
    expectedSequence: sequence,
    events: [event],
    projection: {
      state,
      phase: 'deciding',
      run: 1,
      openLevels: [],
      askedRoles: [],
      askedPeople: [],
      escalated: false,
      dueAtMs: null,
      deadline: null,
      closing: {
        cause: 'decision',
        level: 0,
        by: 'person:ivan',
        onBehalfOf: null,
        atMs: 0,
      },
    },
  });
}

const decided = (by: string, terms: object = {}) => ({
  kind: 'decided',
  by,
  atMs: Date.parse('2010-12-01T13:00:00Z'),
  level: 0,
  decision: 'approve',
  onBehalfOf: null,
  delegationId: null,
  seat: SEAT,
  ...terms,
});

describe('whoever asked decides by no way', () => {
  test('not by the rule, which stores nothing', async () => {
    const id = await desk.ask(100, 'person:ivan');
    expect(await desk.decide(id, 'person:ivan')).toMatchObject({
      status: 'refused',
      rule: 'requester-may-not-decide',
    });
    expect(await desk.shop.owner`select 1 from ledger.decision`).toHaveLength(0);
  });

  test('not by storing the word past the rule: it is refused again', async () => {
    const id = await desk.ask(100, 'person:ivan');
    expect(
      await desk.shop.ledger.call('submit_decision', {
        approvalId: id,
        decisionId: 'd1',
        kind: 'decide',
        decision: 'approve',
        actor: 'person:ivan',
        body: {
          run: 1,
          level: 0,
        },
      }),
    ).toMatchObject({ status: 'refused', rule: 'requester-may-not-decide' });
  });

  test('not by a delegation to them, nor by one from them', async () => {
    const id = await desk.ask(100, 'person:ivan');
    await desk.delegate('person:ann', { to: 'person:ivan' });
    await desk.delegate('person:ivan', { to: 'person:otto' });
    expect(await desk.decide(id, 'person:ivan')).toMatchObject({
      rule: 'requester-may-not-decide',
    });
    expect(await desk.decide(id, 'person:otto')).toMatchObject({ rule: 'delegated-by-requester' });
  });

  test("not by calling the ledger's function as the application's role", async () => {
    const id = await desk.ask(100, 'person:ivan');
    await expect(append(id, decided('person:ivan'))).rejects.toMatchObject({
      type: 'InvariantViolated',
      message: expect.stringContaining('asked for it'),
    });
    expect(await desk.history(id)).toEqual(['requested']);
    expect(await desk.effects(id)).toBe(0);
  });

  test("not by writing the tables as the application's role", async () => {
    const id = await desk.ask(100, 'person:ivan');
    const application = postgres(desk.shop.appUrl, { max: 1 });
    try {
      await expect(
        application`insert into ledger.approval_event
          (approval_id, sequence, kind, run, level, body, actor, occurred_at)
          values (${id}, 2, 'decided', 1, 0, '{"seat": {}, "decision": "approve"}', 'person:ivan', now())`,
      ).rejects.toThrow(/permission denied/);
      await expect(
        application`update ledger.approval set state = 'approved' where approval_id = ${id}`,
      ).rejects.toThrow(/permission denied/);
    } finally {
      await application.end();
    }
  });

  test('not as the owner of the tables, themself or by another', async () => {
    const id = await desk.ask(100, 'person:ivan');
    await expect(forge(id, { by: 'person:ivan' })).rejects.toThrow(/asked for it/);
    await expect(forge(id, { by: 'person:otto', onBehalfOf: 'person:ivan' })).rejects.toThrow(
      /would decide for who asked for it/,
    );
  });
});

describe('the tables refuse a bug', () => {
  const two = matrixOf([levelOf('approver'), levelOf('finance')]);

  test('that lets one person decide two levels of a run, or one and another for them', async () => {
    await desk.putMatrix(two);
    const id = await desk.ask();
    await forge(id, { by: 'person:ann' });
    await expect(forge(id, { by: 'person:ann', level: 1 })).rejects.toThrow(/has had a say/);
    await expect(
      forge(id, { by: 'person:bob', onBehalfOf: 'person:ann', level: 1 }),
    ).rejects.toThrow(/has had a say/);
  });

  test('that lets whoever decided for another decide for themself, or the other way round', async () => {
    await desk.putMatrix(two);
    const id = await desk.ask();
    const delegationId = await desk.delegate('person:ann', { to: 'person:bob' });
    await forge(id, { by: 'person:bob', onBehalfOf: 'person:ann', delegationId });
    for (const by of ['person:ann', 'person:bob']) {
      await expect(forge(id, { by, level: 1 })).rejects.toThrow(/has had a say/);
    }
  });

  test('that fills a seat twice where each role has one say', async () => {
    await desk.putMatrix(
      matrixOf([levelOf('approver', { roles: ['approver', 'finance'], quorum: 'all' })]),
    );
    const id = await desk.ask();
    await forge(id, { by: 'person:ann' });
    await expect(forge(id, { by: 'person:bob' })).rejects.toThrow(/seat that is taken/);
  });

  test('that decides in the place of somebody who delegated nothing', async () => {
    const id = await desk.ask();
    const delegationId = await desk.delegate('person:ann', { to: 'person:otto' });
    await expect(
      forge(id, { by: 'person:otto', onBehalfOf: 'person:bob', delegationId }),
    ).rejects.toThrow(/has no delegation of person:bob/);
    await expect(forge(id, { by: 'person:otto', onBehalfOf: 'person:ann' })).rejects.toThrow(
      /has no delegation/,
    );
  });

  test('that decides what is closed, another run, or a level that there is not', async () => {
    const id = await desk.ask();
    await expect(forge(id, { by: 'person:ann', run: 2 })).rejects.toThrow(/another run/);
    await expect(forge(id, { by: 'person:ann', level: 3 })).rejects.toThrow(/there is not/);
    await desk.decide(id, 'person:ann');
    await expect(forge(id, { by: 'person:bob' })).rejects.toThrow(/comes too late/);
  });

  test('that closes an approval without an event that can', async () => {
    const id = await desk.ask();
    const comment = { kind: 'commented', by: 'person:ann', atMs: 0 };
    await expect(append(id, comment)).rejects.toMatchObject({
      message: expect.stringContaining('is not in its history'),
    });
    expect(await desk.effects(id)).toBe(0);
  });

  test('that rewrites what happened', async () => {
    const id = await desk.ask();
    const { owner } = desk.shop;
    await desk.delegate('person:ann', { to: 'person:otto' });
    await desk.decide(id, 'person:bob');
    await expect(owner`update ledger.approval_event set actor = 'x'`).rejects.toThrow(
      /append-only/,
    );
    await expect(owner`delete from ledger.approval_event`).rejects.toThrow(/append-only/);
    await expect(owner`update ledger.delegation set to_person = 'x'`).rejects.toThrow(
      /append-only/,
    );
    await expect(owner`delete from ledger.act`).rejects.toThrow(/append-only/);
  });
});

const act = (duty: string, thing: string, actor: string, onBehalfOf: string | null = null) =>
  desk.shop
    .owner`select ledger.record_act(${duty}, ${thing}, ${thing}, ${actor}, ${onBehalfOf}, now())`;

describe('two acts that the policy separates', () => {
  test.each([
    ['supplier-change', 'supplier-payment', 'supplier:acme'],
    ['goods-receipt', 'invoice-match', 'purchase-order:PO-000001'],
    ['stock-count', 'stock-correction', 'stock-adjustment:9'],
    ['stock-count', 'write-off', 'stock-adjustment:9'],
  ])('%s and %s are not done by one person, in either order', async (one, other, thing) => {
    await act(one, thing, 'person:ann');
    await expect(act(other, thing, 'person:ann')).rejects.toThrow(/person:ann had a hand in the/);
    await expect(act(other, thing, 'person:bob', 'person:ann')).rejects.toThrow(/had a hand in/);
    await act(other, thing, 'person:bob');
    await expect(act(one, thing, 'person:bob')).rejects.toThrow(/had a hand in/);
    await act(other, `${thing}-other`, 'person:ann');
  });

  test('of which a process did one separate nobody', async () => {
    await act('goods-receipt', 'purchase-order:PO-000002', 'loopline');
    await act('invoice-match', 'purchase-order:PO-000002', 'loopline');
    expect(await desk.shop.owner`select 1 from ledger.act`).toHaveLength(0);
  });

  test('whoever counted does not approve the correction, by the rule and by the table', async () => {
    const id = await desk.ask();
    const { subjectId } = await desk.review(id);
    await act('stock-count', subjectId, 'person:ann');
    expect(await desk.decide(id, 'person:ann')).toMatchObject({
      status: 'refused',
      rule: 'separated-duties',
    });
    await expect(forge(id, { by: 'person:ann' })).rejects.toThrow(/had a hand in the stock-count/);
    expect(await desk.decide(id, 'person:bob')).toMatchObject({ approval: { state: 'approved' } });
  });

  test('at the same moment: one of them is refused', async () => {
    const thing = 'supplier:busy';
    const settled = await Promise.allSettled([
      act('supplier-change', thing, 'person:ann'),
      act('supplier-payment', thing, 'person:ann'),
    ]);
    expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('what a key did, whoever made it did', () => {
  /** A key that somebody makes; answers its actor. */
  async function keyOf(maker: string, keyId: string): Promise<string> {
    await makeKey(desk.shop.ledger.as({ actor: maker }), {
      keyId,
      name: keyId,
      roles: ['warehouse'],
      scopes: ['stock:adjust'],
      reach: EVERYWHERE,
      digest: keyId.charCodeAt(0).toString(16).padStart(2, '0').repeat(32),
      at: '2010-12-01T10:00:00Z',
      expiresAt: '2011-12-01T10:00:00Z',
    });
    return `key:${keyId}`;
  }

  test('so they do not decide what it asked for, nor what a key of their key asked for', async () => {
    const key = await keyOf('person:ivan', 'anIvansKey1');
    const keysKey = await keyOf(key, 'bIvansKeys2');
    for (const asker of [key, keysKey]) {
      const id = await desk.ask(100, asker);
      expect(await desk.review(id)).toMatchObject({
        requestedBy: asker,
        requestedFor: 'person:ivan',
      });
      expect(await desk.decide(id, 'person:ivan')).toMatchObject({
        rule: 'requester-may-not-decide',
      });
      await expect(forge(id, { by: 'person:ivan' })).rejects.toThrow(/asked for it/);
      await expect(append(id, decided('person:ivan'))).rejects.toMatchObject({
        message: expect.stringContaining('asked for it'),
      });
    }
  });

  test('so it decides nothing in their place, and whoever they asked for stays theirs', async () => {
    const key = await keyOf('person:ivan', 'cIvansKey03');
    const id = await desk.ask(100, 'person:ivan');
    expect(await desk.decide(id, key)).toMatchObject({ status: 'refused' });
    await expect(forge(id, { by: key })).rejects.toThrow(/asked for it/);
    const other = await desk.ask(100, 'person:rita');
    await expect(forge(other, { by: key })).rejects.toThrow(/is nobody who decides/);
  });

  test('so both of a pair are in one hand: by the rule, by the process and by the table', async () => {
    const key = await keyOf('person:ann', 'dAnnsKey004');
    const id = await desk.ask();
    const { subjectId } = await desk.review(id);
    await act('stock-count', subjectId, key);
    expect(await desk.decide(id, 'person:ann')).toMatchObject({ rule: 'separated-duties' });
    const { standing } = await readApprovalCase(desk.shop.ledger, { approvalId: id });
    expect(standing.separated).toContainEqual({
      by: 'person:ann',
      text: expect.stringContaining('Whoever counted does not approve the correction') as string,
    });
    await expect(forge(id, { by: 'person:ann' })).rejects.toThrow(/had a hand in the stock-count/);
    await act('goods-receipt', 'purchase-order:PO-000009', key);
    await expect(act('invoice-match', 'purchase-order:PO-000009', 'person:ann')).rejects.toThrow(
      /had a hand in the goods-receipt/,
    );
    await act('supplier-change', 'supplier:acme', 'person:ann');
    await expect(act('supplier-payment', 'supplier:acme', key)).rejects.toThrow(
      /had a hand in the supplier-change/,
    );
  });

  test('so a change of a supplier by one hand is refused after its payment by the other', async () => {
    const key = await keyOf('person:ann', 'eAnnsKey005');
    await act('supplier-payment', 'supplier:acme', key);
    const refusals = (actor: string) =>
      judgeDuties(desk.shop.ledger, actor, { suppliers: ['acme'] });
    expect([...(await refusals('person:ann')).keys()]).toEqual(['supplier:acme']);
    expect([...(await refusals(key)).keys()]).toEqual(['supplier:acme']);
    expect([...(await refusals('person:bob')).keys()]).toEqual([]);
  });
});
