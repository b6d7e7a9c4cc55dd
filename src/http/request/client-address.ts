import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addAddress('::1', 'ipv6');

/** `::ffff:127.0.0.1` is the same client as `127.0.0.1`. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}

export function isLoopback(address: string): boolean {
  const version = isIP(address);
  return version === 4 ? address.startsWith('127.') : version === 6 && loopback.check(address, 'ipv6');
}

/**
 * The host a client asked for. Each of our proxies appends the host it was asked for on the right of
 * `X-Forwarded-Host`; anything further left could have been forged.
 */
export function hostOf(
  host: string | undefined,
  forwarded: string | undefined,
  trustedProxies: number,
): string {
  const addresses = (forwarded ?? '').split(',').map((each) => each.trim());
  const [first = ''] = trustedProxies > 0 ? addresses.slice(-trustedProxies) : [];
  return (first === '' ? (host ?? '') : first).toLowerCase().replace(/:\d+$/, '');
}
