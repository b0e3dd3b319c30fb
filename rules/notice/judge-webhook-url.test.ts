import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  judgeWebhookAddress,
  judgeWebhookUrl,
  WEBHOOK_NETWORKS,
  type WebhookNetworks,
} from './judge-webhook-url.ts';
import { networkOf } from './network-of.ts';

const allows = (url: string, allowed: WebhookNetworks) =>
  judgeWebhookUrl(url, allowed).outcome === 'allowed';

describe('the network of an address', () => {
  test.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['[::1]', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['0.0.0.0', 'private'],
    ['10.1.2.3', 'private'],
    ['100.64.0.1', 'private'],
    ['100.128.0.1', 'public'],
    ['169.254.169.254', 'private'],
    ['172.15.255.255', 'public'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['192.168.1.1', 'private'],
    ['198.19.255.255', 'private'],
    ['224.0.0.1', 'private'],
    ['255.255.255.255', 'private'],
    ['8.8.8.8', 'public'],
    ['::', 'private'],
    ['::7f00:1', 'private'],
    ['::ffff:10.0.0.1', 'private'],
    ['::ffff:8.8.8.8', 'public'],
    ['64:ff9b::7f00:1', 'private'],
    ['fc00::1', 'private'],
    ['fd12:3456::1', 'private'],
    ['fe80::1%eth0', 'private'],
    ['ff02::1', 'private'],
    ['2001:db8::1', 'private'],
    ['2002:7f00:1::', 'private'],
    ['2001:0:7f00::', 'private'],
    ['2606:4700:4700::1111', 'public'],
    ['2a00:1450:4009:81f::200e', 'public'],
    ['example.com', undefined],
    ['1.2.3', undefined],
    ['1.2.3.256', undefined],
    ['1:2:3', undefined],
    ['1::2::3', undefined],
    ['', undefined],
  ])('%s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  test('is known of every address, and one that maps an IPv4 address is in its network', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const network = networkOf(address);
        expect(network).toBeDefined();
        expect(networkOf(`::ffff:${address}`)).toBe(network);
        const { hostname } = new URL(`http://[::ffff:${address}]/`);
        expect(networkOf(hostname)).toBe(network);
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        expect(networkOf(address)).toBeDefined();
        expect(networkOf(new URL(`http://[${address}]/`).hostname)).toBe(networkOf(address));
      }),
    );
  });
});

describe('a URL', () => {
  test.each([
    'https://hooks.example.com/loopline?token=1',
    'https://8.8.8.8/hook',
    'https://[2606:4700:4700::1111]:8443/hook',
  ])('of the public internet is allowed under every setting: %s', (url) => {
    for (const allowed of WEBHOOK_NETWORKS) expect(allows(url, allowed)).toBe(true);
  });

  test.each([
    'http://127.0.0.1:4080/hook',
    'http://localhost/hook',
    'http://LOCALHOST./hook',
    'http://hooks.localhost/hook',
    'http://[::1]/hook',
    'https://127.0.0.1/hook',
    'http://2130706433/',
    'http://0x7f.1/',
  ])('of this machine is allowed unless only the public internet is: %s', (url) => {
    expect(allows(url, 'public')).toBe(false);
    expect(allows(url, 'loopback')).toBe(true);
    expect(allows(url, 'private')).toBe(true);
  });

  test.each(['https://10.0.0.1/', 'https://169.254.169.254/latest', 'https://[fd00::1]/hook'])(
    'of a private network is allowed where the setting says so: %s',
    (url) => {
      expect(allows(url, 'loopback')).toBe(false);
      expect(allows(url, 'private')).toBe(true);
    },
  );

  test.each([
    ['http://hooks.example.com/', 'must be an https URL'],
    ['http://10.0.0.1/', 'must be an https URL'],
    ['ftp://example.com/', 'must be an https URL'],
    ['file:///etc/passwd', 'must be an https URL'],
    ['https://me:secret@example.com/', 'must not hold a name'],
    ['https://example.com/#part', 'must not have a fragment'],
    ['example.com', 'must be a URL'],
    ['', 'must be a URL'],
    [`https://example.com/${'x'.repeat(2_000)}`, 'must have at most 2000'],
  ])('%s is refused whatever the setting: %s', (url, text) => {
    for (const allowed of WEBHOOK_NETWORKS) {
      const verdict = judgeWebhookUrl(url, allowed);
      expect(verdict).toMatchObject({ outcome: 'refused' });
      expect(verdict.outcome === 'refused' ? verdict.text : '').toContain(text);
    }
  });
});

test('an address that a name stands for is judged as one that is written out', () => {
  expect(judgeWebhookAddress('93.184.216.34', 'public').outcome).toBe('allowed');
  expect(judgeWebhookAddress('10.0.0.7', 'loopback')).toEqual({
    outcome: 'refused',
    text: 'leads into a private network, where webhooks may not go',
  });
  expect(judgeWebhookAddress('::1', 'public')).toEqual({
    outcome: 'refused',
    text: 'leads to this machine, where webhooks may not go',
  });
  expect(judgeWebhookAddress('not an address', 'private').outcome).toBe('refused');
});
