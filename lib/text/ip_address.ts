/** Parses IP addresses, so that different notations of one address compare equal. */

const ADDRESS_BYTES = 16;

/** The first bytes of an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2). */
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/**
 * Returns the 16 bytes of an IPv6 address; an IPv4 address is mapped into IPv6. Returns null if
 * `text` is neither. Numbers may have leading zeros; those of IPv4 are decimal nevertheless.
 *
 * @param text without port or brackets, e.g. `192.0.2.7`, `2001:db8::7`, `::ffff:c000:207`,
 * `fe80::1%eth0`
 */
export function parseAddress(text: string): Uint8Array | null {
  if (!text.includes(":")) {
    const bytes = parseIpv4(text);
    return bytes && Uint8Array.of(...MAPPED, ...bytes);
  }
  const [head, tail, more] = text.split("%", 1)[0].split("::");
  if (more !== undefined) return null;
  const left = parseGroups(head, tail === undefined);
  const right = tail === undefined ? [] : parseGroups(tail, true);
  if (left === null || right === null) return null;
  const zeros = ADDRESS_BYTES - left.length - right.length;
  // "::" stands for at least one group (RFC 4291 §2.2).
  if (tail === undefined ? zeros !== 0 : zeros < 2) return null;
  const bytes = new Uint8Array(ADDRESS_BYTES);
  bytes.set(left);
  bytes.set(right, left.length + zeros);
  return bytes;
}

/**
 * Whether these 16 bytes are an IPv4-mapped address, whose last four bytes are the IPv4 address.
 */
export function isIpv4(bytes: Uint8Array): boolean {
  return MAPPED.every((byte, index) => bytes[index] === byte);
}

/** Parses groups of hexadecimal digits. The last may be an IPv4 address if `endsAddress`. */
function parseGroups(text: string, endsAddress: boolean): number[] | null {
  const bytes: number[] = [];
  if (text === "") return bytes;
  const groups = text.split(":");
  for (const [index, group] of groups.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else {
      const ipv4 = endsAddress && index === groups.length - 1 ? parseIpv4(group) : null;
      if (ipv4 === null) return null;
      bytes.push(...ipv4);
    }
  }
  return bytes;
}

function parseIpv4(text: string): number[] | null {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return null;
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : null;
}
