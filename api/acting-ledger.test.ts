import { describe, expect, test } from 'vitest';
import type { By } from '../activities/ledger/by.ts';
import type { Ledger } from '../activities/ledger/connect.ts';
import { actAs, actingBy, actingLedger } from './acting-ledger.ts';

/** A ledger that answers by whom it was called. */
function namingLedger(by?: By): Ledger {
  const called = async () => (by?.actor ?? 'nobody') as never;
  return { call: called, report: called, as: namingLedger, close: async () => undefined };
}

describe('an acting ledger', () => {
  const ledger = actingLedger(namingLedger());

  test('is called as whoever sent the request under way, also after a wait', async () => {
    const asked = await Promise.all(
      ['ann', 'ben'].map((actor) =>
        actAs({ actor }, async () => {
          const first = await ledger.call('put_nodes', {});
          await new Promise((resolve) => setImmediate(resolve));
          return [first, await ledger.report('list_nodes', {}), actingBy()?.actor];
        }),
      ),
    );
    expect(asked).toEqual([
      ['ann', 'ann', 'ann'],
      ['ben', 'ben', 'ben'],
    ]);
  });

  test('is called as nobody outside of a request, and as somebody else when that is said', async () => {
    expect(await ledger.call('put_nodes', {})).toBe('nobody');
    expect(actingBy()).toBeUndefined();
    const other = actAs({ actor: 'ann' }, () =>
      ledger.as({ actor: 'process:worker' }).call('put_nodes', {}),
    );
    expect(await other).toBe('process:worker');
  });
});
