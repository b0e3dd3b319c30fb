import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { countedPlace, sourceAddressOf } from './source-address.ts';

async function addressBehind(proxies: number, forwarded: string | undefined, peer?: string) {
  const app = new Hono();
  app.get('/', (hono) => hono.json({ address: sourceAddressOf(hono, proxies) ?? null }));
  const env = peer === undefined ? undefined : { incoming: { socket: { remoteAddress: peer } } };
  const headers = forwarded === undefined ? {} : { 'X-Forwarded-For': forwarded };
  const response = await app.request('/', { headers }, env);
  return ((await response.json()) as { address: string | null }).address;
}

test.each<[number, string | undefined, string | undefined, string | null]>([
  [0, undefined, '10.0.0.7', '10.0.0.7'],
  // Nobody stands before us: whoever says so has made it up.
  [0, '1.2.3.4', '10.0.0.7', '10.0.0.7'],
  [1, '9.9.9.9, 1.2.3.4', '10.0.0.7', '1.2.3.4'],
  [2, '9.9.9.9, 1.2.3.4, 10.0.0.8', '10.0.0.7', '1.2.3.4'],
  [2, '1.2.3.4', '10.0.0.7', '10.0.0.7'],
  [1, undefined, '10.0.0.7', '10.0.0.7'],
  [1, ' , ', '10.0.0.7', '10.0.0.7'],
  [0, '1.2.3.4', undefined, null],
])(
  'behind %i proxies, forwarded for %s, connected from %s: %s',
  async (proxies, forwarded, peer, expected) => {
    expect(await addressBehind(proxies, forwarded, peer)).toBe(expected);
  },
);

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:c000:207', '192.0.2.7'],
  ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
  ['2001:db8::2:0:0:1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['unknown', 'unknown'],
])('%s counts as %s', (address, place) => {
  expect(countedPlace(address)).toBe(place);
});
