import { expect, test } from 'vitest';
import { withoutSecrets } from './without-secrets.ts';

const KEY = `llk_abcdefghijk_${'S'.repeat(43)}`;
const TOKEN = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl';

test.each([
  [`Authorization: Bearer ${KEY}`, 'Authorization: Bearer llk_abcdefghijk_…'],
  [`cannot read {"token":"${TOKEN}"}`, 'cannot read {"token":"eyJ…"}'],
  [`Bearer ${TOKEN} is refused`, 'Bearer eyJ… is refused'],
  ['authorization: bearer 0a1b2c3d4e', 'authorization: bearer …'],
  ['Basic bWU6c2VjcmV0 was sent', 'Basic … was sent'],
  ['signed with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'signed with whsec_…'],
  [
    'connect postgres://loopline_app:hunter2@127.0.0.1:5432/loopline failed',
    'connect postgres://loopline_app:…@127.0.0.1:5432/loopline failed',
  ],
])('of what opens something a log shows nothing: %s', (line, shown) => {
  expect(withoutSecrets(line)).toBe(shown);
});

test.each([
  'asked-1: Error: order:web:1001 has no line 3 at http://127.0.0.1:3000/v1/orders',
  'the bearer of old news, basic facts and llk_',
  'at openLedger (file:///srv/loopline/worker/compose.ts:98:18)',
])('of all else it keeps every word: %s', (line) => {
  expect(withoutSecrets(line)).toBe(line);
});
