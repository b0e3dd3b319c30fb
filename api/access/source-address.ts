import { isIPv6 } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/**
 * The address that a request comes from: of its connection, or, behind `proxies` proxies of ours, the one that
 * the outermost of them has seen. What stands further left in `X-Forwarded-For` the sender may have made up.
 * Undefined where there is no connection, as within one process.
 */
export function sourceAddressOf(hono: Context, proxies: number): string | undefined {
  const { incoming } = (hono.env ?? {}) as Partial<HttpBindings>;
  const peer = incoming?.socket.remoteAddress;
  if (proxies === 0) return peer;
  const forwarded = (hono.req.header('X-Forwarded-For') ?? '')
    .split(',')
    .map((address) => address.trim())
    .filter(Boolean);
  return forwarded.at(-proxies)?.slice(0, 64) ?? peer;
}

/**
 * What is counted as one place that requests come from: an IPv4 address, also where it is written as IPv6, or
 * the first 64 bits of an IPv6 address, as whoever has one has all that begin with them. Other text is itself.
 * Source: RFC 4291, 2.5.1 and 2.5.5.2.
 */
export function countedPlace(address: string): string {
  const bare = address.split('%', 1)[0] ?? '';
  if (!isIPv6(bare)) return address;
  const groups = groupsOf(bare);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return groups.slice(6).flatMap(bytesOf).join('.');
  const network = groups.slice(0, 4).map((group) => group.toString(16));
  return `${network.join(':')}::/64`;
}

/** The eight groups of an IPv6 address. The parser of URLs writes every address in one way, in hexadecimal alone. */
function groupsOf(address: string): number[] {
  const written = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = [], tail = []] = written.split('::').map((half) =>
    half
      .split(':')
      .filter(Boolean)
      .map((group) => Number.parseInt(group, 16)),
  );
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => 0);
  return [...head, ...zeros, ...tail];
}

function bytesOf(group: number): number[] {
  return [Math.floor(group / 256), group % 256];
}
