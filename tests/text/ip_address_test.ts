import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isIpv4, parseAddress } from "../../lib/text/ip_address.ts";

const hex = (text: string) => parseAddress(text)?.toHex() ?? null;

Deno.test("an IPv4 address is mapped into IPv6, leading zeros or not", () => {
  for (const same of ["192.0.2.7", "192.000.002.007", "::ffff:192.0.2.7", "::FFFF:c000:207"]) {
    assertEquals(hex(same), "00000000000000000000ffffc0000207", same);
    assert(isIpv4(parseAddress(same)!));
  }
});

Deno.test("an IPv6 address is read in every way RFC 4291 §2.2 has to write it", () => {
  const bytes = "20010db8000100000000000000000007";
  for (
    const same of [
      "2001:db8:1::7",
      "2001:0DB8:0001:0000:0:0:0:7",
      "2001:db8:1:0:0::7",
      "2001:db8:1::0.0.0.7",
      "2001:db8:1:0:0:0:0.0.0.7",
      "2001:db8:1::7%eth0",
    ]
  ) assertEquals(hex(same), bytes, same);
  assertEquals(hex("::"), "0".repeat(32));
  assertEquals(hex("::1"), "0".repeat(31) + "1");
  assertEquals(hex("0:0:0:0:0:0:0:1"), "0".repeat(31) + "1");
  assertEquals(hex("1::"), "0001" + "0".repeat(28));
  assertEquals(hex("64:ff9b::192.0.2.7"), "0064ff9b" + "0".repeat(16) + "c0000207");
  assert(!isIpv4(parseAddress("::192.0.2.7")!));
});

Deno.test("invalid text is not an address", () => {
  for (
    const bad of [
      "",
      "unix",
      "1.2.3",
      "1.2.3.4.5",
      "1.2.3.256",
      "1.2.3.0004",
      "1.2.3.-4",
      " 1.2.3.4",
    ]
      .concat("1.2.3.4:80", "0x7f.1.2.3", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9")
      .concat("1::2::3", "1:2:3:4:5:6:7::8", "::12345", "::g", ":1::2", "1:2:3:4:5:6:7:8:")
      .concat("1.2.3.4::", "::1.2.3.4:5", "[::1]", "::ffff:1.2.3", "1:2:3:4:5:6:7:1.2.3.4")
  ) assertEquals(hex(bad), null, bad);
});

Deno.test("every address is read back from its canonical text (RFC 5952), as URL has it", () => {
  fc.assert(fc.property(fc.ipV6(), (text) => {
    const { hostname } = new URL(`http://[${text}]`);
    assertEquals(hex(hostname.slice(1, -1)), hex(text));
    assert(parseAddress(text) !== null);
  }));
});
