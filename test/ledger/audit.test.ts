import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verifyAudit } from '../../activities/ledger/read/audit.ts';
import { sealAudit } from '../../activities/ledger/steps/seal-audit.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { act } from './audit-acts.ts';

const REFUSED = 'LL409';
const ACTS = 12;
/** Smaller than the chain, so that every fault is also looked for at a part's edge. */
const PARTS = [1, 3, 5, 100];

let test: TestLedger;

/** What every part size says; one answer is expected of all. */
async function firstFault() {
  const found = await Promise.all(PARTS.map((limit) => verifyAudit(test.ledger, { limit })));
  const first = found.map(({ bad }) => bad?.sequence);
  expect(new Set(first).size, `parts of every size agree: ${first.join(', ')}`).toBe(1);
  return found.at(-1)?.bad ?? null;
}

/** Changes what is append-only, as somebody with all rights and bad intentions would. */
async function tamper(statements: string): Promise<void> {
  await test.owner.begin((sql) =>
    sql.unsafe(`set local session_replication_role = replica; ${statements}`),
  );
}

/** What seal_audit writes for this sequence over the row as it is now. */
const RESEAL = (sequence: number) => `
  update ledger.audit_seal s set content_hash = ledger.audit_hash(a)
  from ledger.audit a where a.xact = s.xact and a.audit_id = s.audit_id and s.sequence = ${sequence};
  update ledger.audit_seal s set row_hash =
    ledger.seal_hash(s.previous_hash, s.content_hash, s.sequence, s.sealed_at, s.anchor)
  where s.sequence = ${sequence}`;

/** The whole chain from there on, its recorded end included. */
function rechain(from: number, until = ACTS): string {
  const seals = Array.from({ length: until - from + 1 }, (_, index) => {
    const sequence = from + index;
    return `update ledger.audit_seal s set previous_hash = l.row_hash from ledger.audit_seal l
      where s.sequence = ${sequence} and l.sequence = ${sequence - 1}; ${RESEAL(sequence)}`;
  });
  return `${seals.join(';')}; update ledger.audit_head h set row_hash = s.row_hash, sealed_at = s.sealed_at
    from ledger.audit_seal s where s.sequence = ${until}`;
}

const ROW_OF = (sequence: number) =>
  `(select s.xact, s.audit_id from ledger.audit_seal s where s.sequence = ${sequence})`;

describe('an audit row', () => {
  beforeAll(async () => {
    test = await openLedger();
  });
  afterAll(() => test.close());

  it('says who did what to whom, on whose behalf, why and from where, with before and after', async () => {
    await test.owner`
      select ledger.audit('{"actor": "anna", "onBehalfOf": "ben", "credential": "key_1", "requestId": "r-1",
        "sourceAddress": "10.0.0.7"}', 'adjust_stock', 'stock-adjustment', 'stock-adjustment:1',
        '2026-11-20T09:00:00Z', 'damaged', '{"quantity": "5"}', '{"quantity": "2"}')`;
    const [row] = await test.owner`
      select actor, on_behalf_of, credential, act, subject_kind, subject_id, before, after, reason, request_id,
        source_address, occurred_at from ledger.audit`;
    expect(row).toEqual({
      actor: 'anna',
      on_behalf_of: 'ben',
      credential: 'key_1',
      act: 'adjust_stock',
      subject_kind: 'stock-adjustment',
      subject_id: 'stock-adjustment:1',
      before: { quantity: '5' },
      after: { quantity: '2' },
      reason: 'damaged',
      request_id: 'r-1',
      source_address: '10.0.0.7',
      occurred_at: new Date('2026-11-20T09:00:00Z'),
    });
  });

  it('is refused without an actor, and goes when its act is undone', async () => {
    await expect(act(test.owner, 'x', '{"requestId": "r"}')).rejects.toMatchObject({
      code: '23502',
    });
    await expect(
      test.owner.begin(async (sql) => {
        await act(sql, 'undone');
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    expect(await test.owner`select from ledger.audit where act = 'undone'`).toHaveLength(0);
  });

  it('is never changed, nor is a seal, by whoever asks', async () => {
    await sealAudit(test.ledger);
    for (const statement of [
      `update ledger.audit set actor = 'nobody'`,
      'delete from ledger.audit',
      'truncate ledger.audit',
      'update ledger.audit_seal set sequence = sequence + 1',
      'delete from ledger.audit_seal',
      'truncate ledger.audit_seal',
    ]) {
      await expect(test.owner.unsafe(statement)).rejects.toMatchObject({ code: REFUSED });
    }
  });

  it('has the same text in every session', async () => {
    const texts = new Set<string>();
    for (const [zone, style] of [
      ['UTC', 'ISO'],
      ['Pacific/Auckland', 'German'],
    ] as const) {
      await test.owner.begin(async (sql) => {
        await sql`select set_config('timezone', ${zone}, true), set_config('datestyle', ${style}, true)`;
        const rows = await sql<
          { text: string }[]
        >`select ledger.audit_text(a) as text from ledger.audit a`;
        for (const { text } of rows) texts.add(text);
      });
    }
    const [{ rows } = { rows: 0 }] = await test.owner<{ rows: number }[]>`
      select count(*)::int as rows from ledger.audit`;
    expect(rows).toBeGreaterThan(0);
    expect(texts.size).toBe(rows);
  });
});

describe('verification', () => {
  beforeEach(async () => {
    test = await openLedger();
    for (let n = 1; n <= ACTS; n += 1) await act(test.owner, `act-${n}`);
    await sealAudit(test.ledger, { limit: 5 });
  });
  afterEach(() => test.close());

  it('finds nothing in a chain that nobody touched', async () => {
    expect(await sealAudit(test.ledger)).toMatchObject({ sealed: 0, sequence: ACTS });
    expect(await firstFault()).toBeNull();
  });

  it('counts every seal and reports the rows that have none yet', async () => {
    await act(test.owner, 'late-1');
    await act(test.owner, 'late-2');
    const [oldest] = await test.owner<{ at: string }[]>`
      select ledger.instant_text(recorded_at) as at from ledger.audit where act = 'late-1'`;
    const found = await verifyAudit(test.ledger, { limit: 5 });
    expect(found).toMatchObject({
      checked: ACTS,
      bad: null,
      end: { sequence: ACTS },
      unsealed: { rows: 2, oldestAt: oldest?.at },
    });
    await sealAudit(test.ledger);
    expect(await verifyAudit(test.ledger)).toMatchObject({
      checked: ACTS + 2,
      unsealed: { rows: 0, oldestAt: null },
    });
  });

  it.each([
    'actor',
    'on_behalf_of',
    'credential',
    'act',
    'subject_kind',
    'subject_id',
    'reason',
    'request_id',
    'source_address',
  ])('finds a changed %s', async (column) => {
    await tamper(
      `update ledger.audit set ${column} = 'another' where (xact, audit_id) in ${ROW_OF(6)}`,
    );
    expect(await firstFault()).toMatchObject({ sequence: 6, fault: 'row-changed' });
  });

  it.each([
    ['before', `'{"quantity": 1}'`],
    ['after', 'null'],
    ['occurred_at', `occurred_at + interval '1 microsecond'`],
    ['recorded_at', `recorded_at - interval '1 microsecond'`],
  ])('finds a changed %s', async (column, value) => {
    await tamper(
      `update ledger.audit set ${column} = ${value} where (xact, audit_id) in ${ROW_OF(12)}`,
    );
    expect(await firstFault()).toMatchObject({ sequence: 12, fault: 'row-changed' });
  });

  it.each([1, 5, 6, 12])('finds that row %i was deleted', async (sequence) => {
    await tamper(`delete from ledger.audit where (xact, audit_id) in ${ROW_OF(sequence)}`);
    expect(await firstFault()).toMatchObject({ sequence, fault: 'row-missing' });
  });

  it.each([1, 5, 6, 11])('finds that row %i was deleted with its seal', async (sequence) => {
    await tamper(`
      delete from ledger.audit where (xact, audit_id) in ${ROW_OF(sequence)};
      delete from ledger.audit_seal where sequence = ${sequence}`);
    expect((await firstFault())?.sequence).toBe(sequence);
  });

  it('finds that a run of rows was deleted with its seals', async () => {
    await tamper(`
      delete from ledger.audit a using ledger.audit_seal s
      where a.xact = s.xact and a.audit_id = s.audit_id and s.sequence between 3 and 9;
      delete from ledger.audit_seal where sequence between 3 and 9`);
    expect(await firstFault()).toMatchObject({ sequence: 3, fault: 'gap' });
  });

  it.each([1, 7, 12])('finds that the tail from %i on was cut off', async (from) => {
    await tamper(`
      delete from ledger.audit a using ledger.audit_seal s
      where a.xact = s.xact and a.audit_id = s.audit_id and s.sequence >= ${from};
      delete from ledger.audit_seal where sequence >= ${from}`);
    expect(await firstFault()).toMatchObject({ sequence: from, fault: 'tail-missing' });
  });

  it.each([
    [1, '0', 1],
    [7, '(select xact from ledger.audit_seal where sequence = 6)', 9_999],
  ])('finds a row that was inserted before %i', async (sequence, xact, id) => {
    await tamper(`
      insert into ledger.audit (xact, audit_id, actor, act, subject_kind, subject_id, occurred_at)
      overriding system value values (${xact === '0' ? `'0'` : xact}, ${id}, 'anna', 'forged', 'order', 'o', now())`);
    expect(await firstFault()).toMatchObject({ sequence, fault: 'row-inserted' });
  });

  it('finds two rows that were swapped', async () => {
    await tamper(`
      update ledger.audit_seal s set xact = o.xact, audit_id = o.audit_id, content_hash = o.content_hash
      from (select 15 - sequence as sequence, xact, audit_id + 1000 as audit_id, content_hash from ledger.audit_seal
            where sequence in (7, 8)) o where s.sequence = o.sequence;
      update ledger.audit_seal set audit_id = audit_id - 1000 where sequence in (7, 8);
      ${rechain(7)}`);
    expect(await firstFault()).toMatchObject({ sequence: 7, fault: 'out-of-order' });
  });

  it('finds two rows whose content was swapped', async () => {
    await tamper(`
      update ledger.audit a set act = o.act from ledger.audit o
      where (a.xact, a.audit_id) in ${ROW_OF(4)} and (o.xact, o.audit_id) in ${ROW_OF(9)}`);
    expect(await firstFault()).toMatchObject({ sequence: 4, fault: 'row-changed' });
  });

  it.each([1, 5, 6])('finds row %i changed and hashed again', async (sequence) => {
    await tamper(`
      update ledger.audit set actor = 'somebody' where (xact, audit_id) in ${ROW_OF(sequence)};
      ${RESEAL(sequence)}`);
    expect(await firstFault()).toMatchObject({ sequence: sequence + 1, fault: 'chain-broken' });
  });

  it('finds the last row changed and hashed again', async () => {
    await tamper(`
      update ledger.audit set actor = 'somebody' where (xact, audit_id) in ${ROW_OF(ACTS)};
      ${RESEAL(ACTS)}`);
    expect(await firstFault()).toMatchObject({ sequence: ACTS, fault: 'head-changed' });
  });

  it.each([
    ['previous_hash', `sha256('x')`, 'chain-broken'],
    ['content_hash', `sha256('x')`, 'row-changed'],
    ['row_hash', `sha256('x')`, 'seal-changed'],
    ['anchor', `'2026-01-01|1|00'`, 'seal-changed'],
    ['sealed_at', `sealed_at + interval '1 microsecond'`, 'seal-changed'],
  ])('finds a seal whose %s was changed', async (column, value, fault) => {
    await tamper(`update ledger.audit_seal set ${column} = ${value} where sequence = 6`);
    expect(await firstFault()).toMatchObject({ sequence: 6, fault });
  });

  it('finds a chain that was made anew from a row on, once its end was noted elsewhere', async () => {
    const { end: known } = await verifyAudit(test.ledger);
    await act(test.owner, 'after the note');
    await sealAudit(test.ledger);
    expect((await verifyAudit(test.ledger, { known, limit: 5 })).bad).toBeNull();
    await tamper(`
      update ledger.audit set actor = 'somebody' where (xact, audit_id) in ${ROW_OF(6)};
      delete from ledger.audit_seal;
      update ledger.audit_head set sequence = 0, xact = '0', audit_id = 0, row_hash = sha256(''), sealed_at = '-infinity'`);
    await sealAudit(test.ledger);
    expect(await firstFault()).toBeNull();
    for (const limit of PARTS) {
      expect((await verifyAudit(test.ledger, { known, limit })).bad).toMatchObject({
        sequence: ACTS,
        fault: 'known-changed',
      });
    }
  });
});

describe('the first seal of a day', () => {
  beforeEach(async () => {
    test = await openLedger();
    for (let n = 1; n <= 3; n += 1) await act(test.owner, `yesterday-${n}`);
    await sealAudit(test.ledger);
    // Yesterday's seals, as yesterday's sealer wrote them.
    await tamper(`
      update ledger.audit_seal set sealed_at = sealed_at - interval '1 day';
      ${rechain(1, 3)}`);
    for (let n = 1; n <= 3; n += 1) await act(test.owner, `today-${n}`);
    await sealAudit(test.ledger);
  });
  afterEach(() => test.close());

  it('names the day before, its last sequence and hash; no other seal does', async () => {
    const seals = await test.owner<{ sequence: string; anchor: string | null }[]>`
      select sequence, anchor from ledger.audit_seal where anchor is not null order by sequence`;
    const [last] = await test.owner<{ anchor: string }[]>`
      select to_char(sealed_at at time zone 'UTC', 'YYYY-MM-DD') || '|3|' || encode(row_hash, 'hex') as anchor
      from ledger.audit_seal where sequence = 3`;
    expect(last).toBeDefined();
    expect([...seals]).toEqual([{ sequence: '4', anchor: last?.anchor }]);
    expect(await firstFault()).toBeNull();
  });

  /** The rows and seals of a day, gone. */
  const CUT_OUT = (from: number, until: number) => `
    delete from ledger.audit a using ledger.audit_seal s
    where a.xact = s.xact and a.audit_id = s.audit_id and s.sequence between ${from} and ${until};
    delete from ledger.audit_seal where sequence between ${from} and ${until}`;
  /** What is left behind a day that was cut out, numbered and hashed as if that had never been. */
  const CLOSED_UP = `
    update ledger.audit_seal set sequence = sequence - 3;
    update ledger.audit_seal set previous_hash = sha256('') where sequence = 1;
    update ledger.audit_head set sequence = 3;
    ${rechain(1, 3)}`;

  it('and a whole day that was cut out is found', async () => {
    await tamper(CUT_OUT(1, 3));
    expect(await firstFault()).toMatchObject({ sequence: 1, fault: 'gap' });
  });

  it('gives a day away that was cut out and closed up behind it', async () => {
    await tamper(`${CUT_OUT(1, 3)}; ${CLOSED_UP}`);
    expect(await firstFault()).toMatchObject({ sequence: 1, fault: 'anchor-changed' });
  });

  it.each([
    [
      'the first day was cut out and its name with it',
      `${CUT_OUT(1, 3)}; update ledger.audit_seal set anchor = null; ${CLOSED_UP}`,
    ],
    [
      'the last day was cut off and the recorded end set back',
      `${CUT_OUT(4, 6)}; update ledger.audit_head h set sequence = s.sequence, xact = s.xact, audit_id = s.audit_id,
         row_hash = s.row_hash, sealed_at = s.sealed_at from ledger.audit_seal s where s.sequence = 3`,
    ],
  ])('cannot tell that %s; an end that was noted does', async (_what, statements) => {
    const { end: known } = await verifyAudit(test.ledger);
    await tamper(statements);
    expect(await firstFault()).toBeNull();
    for (const limit of PARTS) {
      expect((await verifyAudit(test.ledger, { known, limit })).bad).toMatchObject({
        sequence: 6,
        fault: 'known-changed',
      });
    }
  });

  it('is found out when it does not name the day before', async () => {
    await tamper(`update ledger.audit_seal set anchor = null where sequence = 4; ${RESEAL(4)}`);
    expect(await firstFault()).toMatchObject({ sequence: 4, fault: 'anchor-changed' });
  });
});
