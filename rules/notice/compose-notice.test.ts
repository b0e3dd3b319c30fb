import { describe, expect, test } from 'vitest';
import { composeDigest, composeNoticeMail, type Notice } from './compose-notice.ts';
import { NOTICE_KIND_NAMES } from './notice-kinds.ts';

const READER = { timeZone: 'Europe/London', publicUrl: 'https://loopline.example' };

const NOTICE: Notice = {
  kind: 'approval-requested',
  itemId: 'approval:return:R-000001:1',
  facts: {
    what: 'refund',
    subjectId: 'return:R-000001',
    amount: '120.50 GBP',
    by: 'person:sam',
    reason: 'Refunds above 100.00 need an approval.',
    dueAtMs: Date.parse('2026-07-01T16:30:00Z'),
    outcome: null,
  },
};
const LINK = 'https://loopline.example/v1/approvals/approval%3Areturn%3AR-000001%3A1';

test('a mail says what is asked, by when and why, and links to the item', () => {
  expect(composeNoticeMail(NOTICE, READER)).toEqual({
    subject: 'Decision asked: refund of return:R-000001',
    body: `You are asked for a decision.

What: refund of return:R-000001
Amount: 120.50 GBP
By: person:sam
Due: 1 Jul 2026, 17:30 (Europe/London)
Reason: Refunds above 100.00 need an approval.

${LINK}
`,
  });
});

test('its only link reads the item: nothing in it decides', () => {
  for (const kind of NOTICE_KIND_NAMES) {
    const { body } = composeNoticeMail({ ...NOTICE, kind }, READER);
    expect(body.match(/https?:\S+/g)).toEqual([LINK]);
    expect(body).not.toMatch(/decisions|approve=|token/i);
  }
});

test('an exception links to the board, and what has no page has no link', () => {
  const exception = { ...NOTICE, kind: 'exception-urgent', itemId: 'exception:7' } as const;
  expect(composeNoticeMail(exception, READER).body).toContain('/v1/exceptions/exception%3A7');
  expect(composeNoticeMail({ ...NOTICE, itemId: 'nothing:1' }, READER).body).not.toContain('http');
});

test('what people wrote stays on its line, and begins no header of its own', () => {
  const facts = { ...NOTICE.facts, what: 'refund\r\nBcc: all@example.com', reason: 'a\u0000b\nc' };
  const { subject, body } = composeNoticeMail({ ...NOTICE, facts }, READER);
  expect(subject).toBe('Decision asked: refund Bcc: all@example.com of return:R-000001');
  expect(body).toContain('Reason: a b c\n');
  const long = composeNoticeMail(
    { ...NOTICE, facts: { ...facts, what: 'x'.repeat(900), reason: 'y'.repeat(9_000) } },
    READER,
  );
  expect(long.subject.length).toBe(200);
  expect(long.body.length).toBeLessThan(4_000);
});

describe('a digest', () => {
  const closed: Notice = {
    ...NOTICE,
    kind: 'approval-closed',
    facts: { ...NOTICE.facts, outcome: 'approved' },
  };

  test('has its notices by kind, each with its link', () => {
    const { subject, body } = composeDigest([closed, NOTICE, closed], READER);
    expect(subject).toBe('Loopline: 3 notices');
    expect(body).toBe(`You are asked for a decision.

- Decision asked: refund of return:R-000001
  ${LINK}

What you asked for was decided, or has expired.

- approved: refund of return:R-000001
  ${LINK}
- approved: refund of return:R-000001
  ${LINK}
`);
  });

  test('of one notice says so, and a long one says how much is left out', () => {
    expect(composeDigest([NOTICE], READER).subject).toBe('Loopline: 1 notice');
    const { subject, body } = composeDigest(
      Array.from({ length: 130 }, () => NOTICE),
      READER,
    );
    expect(subject).toBe('Loopline: 130 notices');
    expect(body.match(/Decision asked/g)).toHaveLength(100);
    expect(body).toContain('And 30 more.');
  });
});
