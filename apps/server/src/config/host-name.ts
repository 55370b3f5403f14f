import { isIP, isIPv4, isIPv6 } from 'node:net';

/** RFC 1123 section 2.1 bounds a name; underscores are no part of it, but compose services and intranets have them. */
const MAX_NAME_CHARACTERS = 253;
const NAME =
  /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/i;

/** Whether the text is a host name or an IP address, without scheme, port or brackets. */
export function isHost(text: string): boolean {
  return isIP(text) !== 0 || (text.length <= MAX_NAME_CHARACTERS && NAME.test(text));
}

/**
 * The one spelling under which hosts are compared: lower case, IPv6 addresses shortened after RFC 5952. Expects what
 * `isHost` accepts.
 */
export function canonicalHost(host: string): string {
  // An address with a zone (`fe80::1%eth0`) has no form in a URL and means something on one machine only.
  if (!isIPv6(host) || host.includes('%')) return host.toLowerCase();
  return new URL(`http://[${host}]`).hostname.slice(1, -1);
}

/**
 * Whether a listener on this host is surely out of other machines' reach. A name other than `localhost` counts as
 * reachable whatever it resolves to today.
 */
export function isLoopback(host: string): boolean {
  const canonical = canonicalHost(host);
  if (canonical === 'localhost' || canonical === '::1') return true;
  // RFC 1122 section 3.2.1.3: all of 127/8. The second form is the same block mapped into IPv6 (RFC 4291, 2.5.5.2).
  const isMapped = /^::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}$/.test(canonical);
  return isMapped || (isIPv4(canonical) && canonical.startsWith('127.'));
}
