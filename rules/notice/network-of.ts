/** Where an address leads: to this machine, into a network of somebody's own, or out into the world. */
export type Network = 'loopback' | 'private' | 'public';

/** First octets and length of each block that is not on the public internet. Source: IANA special-purpose registry. */
const IPV4_PRIVATE: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** Of the global unicast block 2000::/3 these lead elsewhere: tunnels, documentation, assignments of protocols. */
const IPV6_NOT_GLOBAL: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

/** The network of an IP address, written as URLs and resolvers write it; undefined for anything else. */
export function networkOf(address: string): Network | undefined {
  const text = address.replace(/^\[(.*)\]$/, '$1');
  const four = ipv4(text);
  if (four !== undefined) return networkOfIpv4(four);
  const six = ipv6(text);
  if (six === undefined) return undefined;
  if (six === 1n) return 'loopback';
  // ::ffff:a.b.c.d is the IPv4 address itself.
  if (six >> 32n === 0xffffn) return networkOfIpv4(six & 0xffff_ffffn);
  const isGlobal = isWithin(six, '2000::', 3);
  const isElsewhere = IPV6_NOT_GLOBAL.some(([block, length]) => isWithin(six, block, length));
  return isGlobal && !isElsewhere ? 'public' : 'private';
}

function networkOfIpv4(value: bigint): Network {
  if (value >> 24n === 127n) return 'loopback';
  const isPrivate = IPV4_PRIVATE.some(([block, length]) => {
    const shift = BigInt(32 - length);
    return value >> shift === (ipv4(block) ?? 0n) >> shift;
  });
  return isPrivate ? 'private' : 'public';
}

function isWithin(value: bigint, block: string, length: number): boolean {
  const shift = BigInt(128 - length);
  return value >> shift === (ipv6(block) ?? 0n) >> shift;
}

/** Four decimal numbers; other ways of writing one are turned into this by whoever parses a URL. */
function ipv4(text: string): bigint | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

/** Groups of up to four hexadecimal digits, one run of zeros left out, the last 32 bits perhaps as IPv4. */
function ipv6(text: string): bigint | undefined {
  const bare = text.split('%', 1)[0] ?? '';
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(bare);
  const last = tail === null ? undefined : ipv4(tail[2] ?? '');
  if (tail !== null && last === undefined) return undefined;
  const hex =
    tail === null || last === undefined
      ? bare
      : `${tail[1]}${(last >> 16n).toString(16)}:${(last & 0xffffn).toString(16)}`;
  const halves = hex.split('::');
  if (halves.length > 2 || !hex.includes(':')) return undefined;
  const [head, rest] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const given = [...(head ?? []), ...(rest ?? [])];
  if (given.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const missing = 8 - given.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...(head ?? []), ...Array.from({ length: missing }, () => '0'), ...(rest ?? [])];
  return groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}
