import { describe, expect, test } from 'vitest';
import { DISABLE_AFTER, judgeMail, judgeWebhook, WEBHOOK_PAUSES_MS } from './judge-delivery.ts';

const DAY_MS = 86_400_000;
const well = { failures: 0, failingSinceMs: null };
const failed = { kind: 'failed' } as const;

describe('a webhook', () => {
  test('that is taken is done, whatever came before', () => {
    const health = { failures: 99, failingSinceMs: 0 };
    expect(judgeWebhook({ kind: 'delivered' }, 7, health, 9 * DAY_MS)).toEqual({
      verdict: { next: 'done' },
      disable: null,
    });
  });

  test('is tried again after growing pauses, and given up after the last', () => {
    for (const [index, afterMs] of WEBHOOK_PAUSES_MS.entries()) {
      const health = { failures: index, failingSinceMs: 0 };
      expect(judgeWebhook(failed, index + 1, health, 1_000)).toEqual({
        verdict: { next: 'retry', afterMs },
        disable: null,
      });
      expect(afterMs).toBeGreaterThan(WEBHOOK_PAUSES_MS[index - 1] ?? 0);
    }
    const last = WEBHOOK_PAUSES_MS.length + 1;
    expect(judgeWebhook(failed, last, { failures: 0, failingSinceMs: null }, 0)).toEqual({
      verdict: { next: 'given-up' },
      disable: null,
    });
  });

  test('whose every attempt failed turns its endpoint off when nothing else was taken meanwhile', () => {
    const last = WEBHOOK_PAUSES_MS.length + 1;
    const health = { failures: last - 1, failingSinceMs: 0 };
    expect(judgeWebhook(failed, last, health, DAY_MS).disable).toBe(
      `${last} attempts in a row failed`,
    );
  });

  test('of an endpoint that fails often and for a day turns it off, before its own attempts are used up', () => {
    const health = { failures: DISABLE_AFTER.failures - 1, failingSinceMs: 0 };
    expect(judgeWebhook(failed, 1, health, DAY_MS - 1).disable).toBeNull();
    expect(judgeWebhook(failed, 1, health, DAY_MS)).toEqual({
      verdict: { next: 'retry', afterMs: WEBHOOK_PAUSES_MS[0] },
      disable: '20 attempts in a row failed',
    });
    expect(judgeWebhook(failed, 1, { ...health, failures: 3 }, DAY_MS).disable).toBeNull();
  });

  test('to an endpoint that is gone turns it off at once', () => {
    expect(judgeWebhook({ kind: 'gone' }, 1, well, 0)).toEqual({
      verdict: { next: 'given-up' },
      disable: 'the endpoint answered 410 Gone',
    });
  });
});

describe('a mail', () => {
  test('waits for its server for ever, at most 30 s at a time', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 1_000].map((attempt) => judgeMail(failed, attempt));
    expect(pauses.map((each) => (each.next === 'retry' ? each.afterMs : each.next))).toEqual([
      2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  test('that is refused for good is given up', () => {
    expect(judgeMail({ kind: 'refused' }, 1)).toEqual({ next: 'given-up' });
    expect(judgeMail({ kind: 'delivered' }, 3)).toEqual({ next: 'done' });
  });
});
