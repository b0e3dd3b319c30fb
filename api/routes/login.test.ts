import { expect, test } from 'vitest';
import { ownPath } from './login.ts';

const ORIGIN = 'https://shop.example';

test.each([
  ['/', '/'],
  ['/v1/orders?limit=5#top', '/v1/orders?limit=5#top'],
  ['/a/../b', '/b'],
])('a login leads to a path of this address: %s', (to, expected) => {
  expect(ownPath(to, ORIGIN)).toBe(expected);
});

test.each([
  undefined,
  '',
  'v1/orders',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/.//evil.example',
  '/orders/..//evil.example',
  'https://evil.example/',
  'https://shop.example.evil.example/',
  'javascript:alert(1)',
  '/%',
])('and to nothing else: %s', (to) => {
  expect(ownPath(to, ORIGIN)).toMatch(/^\/(v1\/me|%)$/);
});
