import { expect, test } from 'vitest';
import {
  isLoopback,
  isSameText,
  isSessionId,
  newSessionId,
  openCookies,
} from './session-cookie.ts';

const HTTPS = { baseUrl: 'https://shop.example', secret: 'of all processes' };

test('over https a cookie is bound to its host; on this machine it has a plain name', () => {
  expect(openCookies(HTTPS)).toMatchObject({
    session: '__Host-loopline',
    login: '__Host-loopline-login',
    options: { httpOnly: true, secure: true, sameSite: 'Lax', path: '/' },
  });
  for (const baseUrl of ['http://127.0.0.1:3000', 'http://localhost:1', 'http://[::1]:80'])
    expect(openCookies({ ...HTTPS, baseUrl })).toMatchObject({
      session: 'loopline',
      options: { secure: false },
    });
});

test.each(['http://shop.example', 'http://10.0.0.7:3000', 'http://127.0.0.1.example'])(
  'sessions do not travel in the clear to %s',
  (baseUrl) => {
    expect(() => openCookies({ ...HTTPS, baseUrl })).toThrow('must be https');
  },
);

test('what was signed is read by every process with the secret until its time is over, and by nobody else', () => {
  const cookies = openCookies(HTTPS);
  const signed = cookies.sign('{"to":"/x.y"}', 1_000);
  expect(openCookies(HTTPS).verify(signed, 2_000)).toBe('{"to":"/x.y"}');
  expect(cookies.verify(signed, 601_000)).toBeUndefined();
  expect(openCookies({ ...HTTPS, secret: 'another' }).verify(signed, 2_000)).toBeUndefined();
  const [until, , signature] = signed.split('.');
  const other = Buffer.from('{"to":"/z"}').toString('base64url');
  for (const forged of [
    undefined,
    '',
    'x',
    `${until}.${other}.${signature}`,
    signed.replace('601000', '999000'),
    signed.slice(0, -1),
  ])
    expect(cookies.verify(forged, 2_000), String(forged)).toBeUndefined();
});

test('a token for changes belongs to one session, and is not the key of the login', () => {
  const cookies = openCookies(HTTPS);
  const [one, other] = [newSessionId(), newSessionId()];
  expect(cookies.csrfToken(one)).toBe(openCookies(HTTPS).csrfToken(one));
  expect(cookies.csrfToken(one)).not.toBe(cookies.csrfToken(other));
  expect(cookies.sign(one, 0)).not.toContain(cookies.csrfToken(one));
  expect(Buffer.from(one, 'base64url')).toHaveLength(32);
  expect([one, other].map(isSessionId)).toEqual([true, true]);
  for (const text of ['', `${one}x`, `token ${one}`, one.replace(/.$/, '.')])
    expect(isSessionId(text), text).toBe(false);
});

test('texts are the same or not', () => {
  expect([isSameText('a', 'a'), isSameText('a', 'b'), isSameText('', 'a')]).toEqual([
    true,
    false,
    false,
  ]);
});

test.each([
  ['127.0.0.1', true],
  ['127.255.0.9', true],
  ['localhost', true],
  ['[::1]', true],
  ['127.0.0.1.nip.example', false],
  ['0.0.0.0', false],
  ['shop.example', false],
])('%s is this machine: %s', (hostname, expected) => {
  expect(isLoopback(hostname)).toBe(expected);
});
