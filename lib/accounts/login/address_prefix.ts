/**
 * The part of a peer's address that stands for one customer of a network.
 */
import { isIpv4, parseAddress } from "../../ip_address.ts";

/** 64:ff9b::/96, where translators put IPv4 addresses (RFC 6052 §2.1). */
const NAT64 = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];

/**
 * What is counted as one client: an IPv4 address, also where it comes mapped into IPv6 (RFC 4291
 * §2.5.5.2) or through a translator, and the first 64 bits of an IPv6 address, since whoever has one
 * address of such a network has them all (RFC 6177). A text that is no address is taken as it is.
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
