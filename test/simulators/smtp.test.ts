import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Notice } from '../../activities/notify/notify.ts';
import { smtpMail, type SmtpMail } from '../../activities/notify/smtp-mail.ts';
import { parseMessage } from '../../simulators/mail/parse-message.ts';
import type { RunningSimulators } from '../../simulators/start-simulators.ts';
import { newDataDir, send, startForTest } from './running.ts';

const FROM = 'Loopline <loopline@shop.example>';
let running: RunningSimulators;
let mail: SmtpMail;
let count = 0;

beforeAll(async () => {
  running = await startForTest();
  mail = smtpMail({ url: running.smtpUrl, from: FROM });
});
afterEach(() =>
  settings({
    hangMs: 15_000,
    faults: { serverErrorRate: 0, refuseRate: 0, timeoutAfterEffectRate: 0 },
  }),
);
afterAll(async () => {
  mail.close();
  await running.stop();
});

const settings = (change: object) => send('PUT', `${running.urls.mail}/_sim/settings`, change);

function noticeOf(change: Partial<Notice> = {}): Notice {
  count += 1;
  return {
    messageId: `notice:approval:return:R-${count}:1:person:anna`,
    to: `anna${count}@example.org`,
    template: 'approval-requested',
    subject: 'Decision asked',
    body: 'You are asked.',
    ...change,
  };
}

async function inboxOf(to: string): Promise<unknown> {
  const { body } = await send('GET', `${running.urls.mail}/_sim/messages?to=${to}`);
  return body['data'];
}

describe('a mail over SMTP', () => {
  test('arrives as it was written, whatever its letters and the length of its lines', async () => {
    const link = `https://loopline.example/v1/approvals/${'approval%3A'.repeat(30)}`;
    const notice = noticeOf({
      subject: `Entscheidung: Rückgabe – ${'sehr '.repeat(30)}lang, 東京`,
      body: `Zoë fragt.\n\n.\n..\nFrom here\n= a = b\n${link}\nEnde`,
    });
    await mail.send(notice);
    expect(await inboxOf(notice.to)).toEqual([notice]);
  });

  test('is kept once, however often it is sent', async () => {
    const notice = noticeOf();
    await Promise.all([mail.send(notice), mail.send(notice), mail.send(notice)]);
    await mail.send(notice);
    expect(await inboxOf(notice.to)).toEqual([notice]);
  });

  test('with the id of another one is refused for good', async () => {
    const notice = noticeOf();
    await mail.send(notice);
    await expect(mail.send({ ...notice, body: 'Other words.' })).rejects.toMatchObject({
      type: 'ProviderRefused',
      message: 'mail server refused: answered 550',
    });
    expect(await inboxOf(notice.to)).toEqual([notice]);
  });

  test('that the server is too busy for can be sent again, and is taken then', async () => {
    await settings({ faults: { serverErrorRate: 1 } });
    const notice = noticeOf();
    let failures = 0;
    for (; failures < 5; failures += 1) {
      const outcome = await mail.send(notice).catch((error: unknown) => error);
      if (outcome === undefined) break;
      expect(outcome).toMatchObject({
        type: 'ProviderUnavailable',
        message: 'mail server answered 451',
      });
    }
    expect([1, 2]).toContain(failures);
    expect(await inboxOf(notice.to)).toEqual([notice]);
  });

  test('to a mailbox that does not exist is refused for good, and the failure names nobody', async () => {
    await settings({ faults: { refuseRate: 1 } });
    const notice = noticeOf();
    const failure: unknown = await mail.send(notice).catch((error: unknown) => error);
    expect(failure).toMatchObject({ type: 'ProviderRefused' });
    expect(String(failure)).not.toContain(notice.to);
  });

  test('that was taken and never answered is sent again and kept once', async () => {
    await settings({ hangMs: 600_000, faults: { timeoutAfterEffectRate: 1 } });
    const hasty = smtpMail({ url: running.smtpUrl, from: FROM, deadlineMs: 300 });
    const notice = noticeOf();
    await expect(hasty.send(notice)).rejects.toMatchObject({ type: 'ProviderUnavailable' });
    await mail.send(notice);
    hasty.close();
    expect(await inboxOf(notice.to)).toEqual([notice]);
  });

  test('is kept over a restart of the server, and known again', async () => {
    const dataDir = newDataDir();
    const first = await startForTest({ dataDir });
    const notice = noticeOf();
    const before = smtpMail({ url: first.smtpUrl, from: FROM });
    await before.send(notice);
    before.close();
    await first.stop();
    const gone = smtpMail({ url: first.smtpUrl, from: FROM });
    await expect(gone.send(notice)).rejects.toMatchObject({ type: 'ProviderUnavailable' });
    gone.close();
    const second = await startForTest({ dataDir });
    const after = smtpMail({ url: second.smtpUrl, from: FROM });
    await after.send(notice);
    after.close();
    const { body } = await send('GET', `${second.urls.mail}/_sim/messages`);
    expect(body['data']).toEqual([notice]);
    await second.stop();
  });
});

describe('a message is read', () => {
  const read = (...lines: string[]) => parseMessage(Buffer.from(lines.join('\r\n'), 'latin1'));

  test('with folded and encoded headers, and the first of repeated ones', () => {
    const { headers } = read(
      'Subject: =?UTF-8?Q?R=C3=BCckgabe_=E2=80=93?=',
      ' =?utf-8?B?IOadseS6rA==?= end',
      'X-Long: one',
      '\ttwo',
      'X-Long: three',
      '',
      'text',
    );
    expect(headers.get('subject')).toBe('Rückgabe – 東京 end');
    expect(headers.get('x-long')).toBe('one\ttwo');
  });

  test.each([
    ['quoted-printable', ['R=C3=BCckgabe a=', 'b=3Dc', 'last'], 'Rückgabe ab=c\nlast'],
    ['base64', ['UsO8Y2tn', 'YWJl'], 'Rückgabe'],
    ['7bit', ['plain = text', '', 'more', ''], 'plain = text\n\nmore'],
  ])('whose text is in %s', (encoding, lines, text) => {
    expect(read(`Content-Transfer-Encoding: ${encoding}`, '', ...lines).text).toBe(text);
  });

  test('without a text, or without anything', () => {
    expect(read('Subject: only').text).toBe('');
    expect(read('').headers.size).toBe(0);
  });
});
