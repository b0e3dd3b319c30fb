import { expect, test } from 'vitest';
import { judgeSentFrom, type SentFrom } from './csrf.ts';

const OWN = { origin: 'https://shop.example', token: 'the token of the session' };
const SENT: SentFrom = { site: 'same-origin', origin: OWN.origin, token: OWN.token };

test.each<[string, Partial<SentFrom>]>([
  ['a page of this address', {}],
  ['a browser that does not say where it is', { site: undefined }],
  ['a program without an origin', { site: undefined, origin: undefined }],
])('%s may send a change', (_name, sent) => {
  expect(judgeSentFrom({ ...SENT, ...sent }, OWN)).toBeUndefined();
});

test.each<[string, Partial<SentFrom>, string]>([
  ['a page of another site', { site: 'cross-site' }, 'other-site'],
  ['a page of a neighbour', { site: 'same-site' }, 'other-site'],
  ['an address that somebody typed', { site: 'none' }, 'other-site'],
  ['another origin', { site: undefined, origin: 'https://shop.example:8443' }, 'other-site'],
  ['the same host in the clear', { site: undefined, origin: 'http://shop.example' }, 'other-site'],
  ['a page without an origin', { site: undefined, origin: 'null' }, 'other-site'],
  ['no token', { token: undefined }, 'csrf-token'],
  ['an empty token', { token: '' }, 'csrf-token'],
  ['the token of another session', { token: 'the token of the other one' }, 'csrf-token'],
])('%s may not', (_name, sent, rule) => {
  expect(judgeSentFrom({ ...SENT, ...sent }, OWN)).toBe(rule);
});
