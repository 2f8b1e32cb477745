/** The part of an IP address that identifies one client of a network. */
import { isIpv4, parseAddress } from "../../text/ip_address.ts";

/** The prefix 64:ff9b::/96, in which translators embed IPv4 addresses (RFC 6052 §2.1). */
const NAT64 = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];

/**
 * Returns what counts as one client: an IPv4 address, or the first 64 bits of an IPv6 address,
 * because a client can use every address of such a network (RFC 6177). An IPv4 address that is
 * mapped into IPv6 (RFC 4291 §2.5.5.2) or translated counts as IPv4. Text that is not an address is
 * returned unchanged.
 *
 * @param address e.g. `192.0.2.7`, `2001:db8::7`, `fe80::1%eth0`
 */
export function addressPrefix(address: string): string {
  const bytes = parseAddress(address);
  if (bytes === null) return address;
  if (isIpv4(bytes) || NAT64.every((byte, index) => bytes[index] === byte)) {
    return bytes.subarray(12).join(".");
  }
  const groups = [0, 2, 4, 6].map((at) => (bytes[at] << 8 | bytes[at + 1]).toString(16));
  return groups.join(":") + "::/64";
}
