import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { verifyAudit } from '../../activities/ledger/read/audit.ts';
import { sealAudit, type Sealing } from '../../activities/ledger/steps/seal-audit.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { act } from './audit-acts.ts';

const WRITERS = 6;
const ACTS_EACH = 60;

let test: TestLedger;
/** Connections of their own for whoever writes or seals at the same time. */
let others: postgres.Sql;

beforeEach(async () => {
  test = await openLedger();
  const url = new URL(inject('databaseUrl'));
  url.pathname = new URL(test.appUrl).pathname;
  others = postgres(url.toString(), { max: WRITERS + 2, onnotice: () => undefined });
});
afterEach(async () => {
  await others.end({ timeout: 5 });
  await test.close();
});

/** The acts in the order of their seals. */
async function sealedActs(): Promise<string[]> {
  const rows = await test.owner<{ act: string }[]>`
    select a.act from ledger.audit_seal s join ledger.audit a using (xact, audit_id) order by s.sequence`;
  return rows.map((row) => row.act);
}

describe('the sealing', () => {
  it('waits for a transaction under way that has a smaller id, and for everything behind it', async () => {
    await act(test.owner, 'first');
    const slow = await others.reserve();
    try {
      await slow`begin`;
      await act(slow, 'slow');
      await act(test.owner, 'quick');
      const [ids] = await test.owner<{ slowIsSmaller: boolean }[]>`
        select min(audit_id) < (select last_value from ledger.audit_audit_id_seq) as "slowIsSmaller" from ledger.audit`;
      expect(ids?.slowIsSmaller).toBe(true);
      expect(await sealAudit(test.ledger)).toMatchObject({ sealed: 1, sequence: 1 });
      expect(await verifyAudit(test.ledger)).toMatchObject({ bad: null, unsealed: { rows: 1 } });
      await slow`commit`;
    } finally {
      slow.release();
    }
    expect(await sealAudit(test.ledger)).toMatchObject({ sealed: 2, sequence: 3 });
    expect(await sealedActs()).toEqual(['first', 'slow', 'quick']);
    expect((await verifyAudit(test.ledger)).bad).toBeNull();
  });

  it('goes on when a transaction under way is undone', async () => {
    const slow = await others.reserve();
    try {
      await slow`begin`;
      await act(slow, 'undone');
      await act(test.owner, 'done');
      expect(await sealAudit(test.ledger)).toMatchObject({ sealed: 0 });
      await slow`rollback`;
    } finally {
      slow.release();
    }
    expect(await sealAudit(test.ledger)).toMatchObject({ sealed: 1 });
    expect(await sealedActs()).toEqual(['done']);
  });

  it('does not wait for what other databases of the server are doing', async () => {
    const elsewhere = postgres(inject('databaseUrl'), { max: 1, onnotice: () => undefined });
    try {
      await elsewhere.begin(async (sql) => {
        await sql`select pg_current_xact_id()`;
        await act(test.owner, 'one');
        // A transaction that ends just while the sealer looks makes it wait for its next turn.
        await expect
          .poll(() => sealAudit(test.ledger), { timeout: 30_000 })
          .toMatchObject({ sequence: 1 });
      });
    } finally {
      await elsewhere.end({ timeout: 5 });
    }
  });

  it('leaves it to the one that is at work already', async () => {
    await act(test.owner, 'one');
    const first = await others.reserve();
    try {
      await first`begin`;
      await first`select loopline.seal_audit('{}')`;
      expect(await sealAudit(test.ledger)).toMatchObject({ sealed: 0, busy: true, sequence: 0 });
      await first`commit`;
    } finally {
      first.release();
    }
    expect(await sealAudit(test.ledger)).toMatchObject({ sealed: 0, busy: false, sequence: 1 });
  });

  it('loses nothing and seals nothing twice while many write, undo and seal', async () => {
    const done = new AbortController();
    const sealings: Sealing[] = [];
    const seal = async () => {
      while (!done.signal.aborted) sealings.push(await sealAudit(test.ledger, { limit: 7 }));
    };
    const write = async (writer: number) => {
      for (let n = 0; n < ACTS_EACH; n += 1) {
        const connection = await others.reserve();
        try {
          await connection`begin`;
          await act(connection, `act-${writer}-${n}-a`);
          // Others commit in between, with larger ids.
          await connection`select pg_sleep(${(n % 4) / 1_000})`;
          await act(connection, `act-${writer}-${n}-b`);
          await (n % 5 === 0 ? connection`rollback` : connection`commit`);
        } finally {
          connection.release();
        }
      }
    };
    const sealers = [seal(), seal()];
    try {
      await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    } finally {
      done.abort();
    }
    await Promise.all(sealers);
    await sealAudit(test.ledger);

    const committed = await test.owner<{ act: string }[]>`
      select act from ledger.audit order by xact, audit_id`;
    expect(committed).toHaveLength(WRITERS * ACTS_EACH * 2 * 0.8);
    expect(await sealedActs()).toEqual(committed.map((row) => row.act));
    // It was sealed while they wrote, in many parts, and not only afterwards.
    expect(sealings.filter(({ sealed }) => sealed > 0).length).toBeGreaterThan(3);
    expect(await verifyAudit(test.ledger, { limit: 11 })).toMatchObject({
      checked: committed.length,
      bad: null,
      unsealed: { rows: 0 },
    });
  });

  it('refuses to go on in a server whose transactions count from less than the sealed ones', async () => {
    await act(test.owner, 'one');
    await sealAudit(test.ledger);
    await test.owner`update ledger.audit_head set xact = '9000000000'`;
    await expect(sealAudit(test.ledger)).rejects.toThrow('loaded into a new server');
  });

  it('says where the chain ends when there is nothing to seal', async () => {
    expect(await sealAudit(test.ledger)).toMatchObject({ sealed: 0, busy: false, sequence: 0 });
    expect(await verifyAudit(test.ledger)).toMatchObject({
      checked: 0,
      bad: null,
      end: { sequence: 0 },
      unsealed: { rows: 0, oldestAt: null },
    });
  });
});
