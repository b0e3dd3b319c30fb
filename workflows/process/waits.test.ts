import { expect, test } from 'vitest';
import { waitText } from './waits.ts';

test.each([
  ['order:web:1:dispatch:begin', 259_200, 'the warehouse to send it, at most 3 days'],
  ['order:web:1:payment:p1:authorize:1', 86_400, 'somebody to settle the payment, at most 24 h'],
  ['order:web:1:stock:x', 90, 'stock, at most 90 s'],
  ['order:web:1:capture:1', 10_800, 'the capture of its sale, at most 3 h'],
  ['order:web:1:attention:x', 3_600, 'news of it, at most 60 min'],
  ['order:web:1:attention:x', null, 'news of it'],
  ['order:web:1:something-new:x', undefined, 'something-new'],
])('%s is read as a wait', (dueId, seconds, text) => {
  expect(waitText('order:web:1', dueId, seconds)).toBe(text);
});
