/**
 * The part of a peer's address that stands for one customer of a network.
 */

/**
 * What failures are counted under: an IPv4 address as it is, also where it comes mapped into IPv6
 * (RFC 4291 §2.5.5.2), and the first 64 bits of an IPv6 address, since whoever has one address of
 * such a network has them all (RFC 6177). A text that is no address is taken as it is.
 *
 * @param address as the system prints it, e.g. `192.0.2.7`, `2001:db8::7`, `fe80::1%eth0`
 */
export function addressPrefix(address: string): string {
  if (!address.includes(":")) return address;
  const text = address.split("%")[0].toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (mapped) return mapped[1];
  const [head, tail] = text.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const after = tail === "" ? [] : tail.split(":");
    // An IPv4 tail takes the room of two groups; it lies in the last 64 bits, so only its width
    // matters.
    const width = after.length + (tail.includes(".") ? 1 : 0);
    const zeros = Math.max(0, 8 - groups.length - width);
    groups.push(...Array<string>(zeros).fill("0"), ...after);
  }
  return groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "")).join(":") + "::/64";
}
