import { describe, expect, test } from 'vitest';
import {
  DISABLE_AFTER,
  judgeMail,
  judgeWebhook,
  LATE_MAIL_ATTEMPTS,
  MAIL_ATTEMPTS,
  WEBHOOK_PAUSES_MS,
} from './judge-delivery.ts';

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
  const pauseAfter = (attempt: number) => {
    const { verdict } = judgeMail(failed, attempt);
    return verdict.next === 'retry' ? verdict.afterMs : verdict.next;
  };

  test('waits for its server, longer each time and a quarter of an hour at most', () => {
    expect([1, 2, 3, 4, 9, 10, 11, 199].map(pauseAfter)).toEqual([
      2_000, 4_000, 8_000, 16_000, 512_000, 900_000, 900_000, 900_000,
    ]);
  });

  test('is given up after two days of attempts, for people to know', () => {
    const attempts = Array.from({ length: MAIL_ATTEMPTS - 1 }, (_, index) => index + 1);
    const waitedMs = attempts.reduce((sum, attempt) => sum + Number(pauseAfter(attempt)), 0);
    expect(waitedMs).toBeGreaterThan(1.9 * DAY_MS);
    expect(waitedMs).toBeLessThan(2.1 * DAY_MS);
    expect(judgeMail(failed, MAIL_ATTEMPTS)).toEqual({
      verdict: { next: 'given-up' },
      trouble: 'given-up',
    });
  });

  test('that has failed for a quarter of an hour says so once', () => {
    const attempts = Array.from({ length: MAIL_ATTEMPTS - 1 }, (_, index) => index + 1);
    const late = attempts.filter((attempt) => judgeMail(failed, attempt).trouble === 'late');
    expect(late).toEqual([LATE_MAIL_ATTEMPTS]);
    const before = attempts.slice(0, LATE_MAIL_ATTEMPTS - 1);
    expect(before.reduce((sum, attempt) => sum + Number(pauseAfter(attempt)), 0)).toBeGreaterThan(
      15 * 60_000,
    );
  });

  test('that is refused for good is given up, for people to know; one that is taken is done', () => {
    expect(judgeMail({ kind: 'refused' }, 1)).toEqual({
      verdict: { next: 'given-up' },
      trouble: 'refused',
    });
    expect(judgeMail({ kind: 'delivered' }, 3)).toEqual({
      verdict: { next: 'done' },
      trouble: null,
    });
  });
});
