import { assertEquals } from "@std/assert";
import { addressPrefix } from "../../../lib/accounts/login/address_prefix.ts";

Deno.test("an IPv4 address stands for itself, also where it is mapped into IPv6 (RFC 4291 §2.5.5.2)", () => {
  assertEquals(addressPrefix("192.0.2.7"), "192.0.2.7");
  assertEquals(addressPrefix("::ffff:192.0.2.7"), "192.0.2.7");
  assertEquals(addressPrefix("::FFFF:192.0.2.7"), "192.0.2.7");
  assertEquals(addressPrefix("::ffff:c000:207"), "192.0.2.7");
  assertEquals(addressPrefix("192.000.002.007"), "192.0.2.7");
});

Deno.test("an IPv4 address embedded by a translator stands for itself (RFC 6052)", () => {
  assertEquals(addressPrefix("64:ff9b::192.0.2.7"), "192.0.2.7");
  assertEquals(addressPrefix("64:ff9b::c000:207"), "192.0.2.7");
  assertEquals(addressPrefix("64:ff9b:0:1::7"), "64:ff9b:0:1::/64");
});

Deno.test("an IPv6 address stands for its first 64 bits, however it is written (RFC 5952)", () => {
  for (
    const same of [
      "2001:db8:1:2::7",
      "2001:0DB8:1:2:0:0:0:8",
      "2001:db8:1:2:a:b:c:d",
      "2001:db8:1:2::%eth0",
    ]
  ) {
    assertEquals(addressPrefix(same), "2001:db8:1:2::/64", same);
  }
  assertEquals(addressPrefix("2001:db8::7"), "2001:db8:0:0::/64");
  assertEquals(addressPrefix("2001:db8:1::2:3:4:5"), "2001:db8:1:0::/64");
  assertEquals(addressPrefix("2001:db8::5.6.7.8"), "2001:db8:0:0::/64");
  assertEquals(addressPrefix("::1"), "0:0:0:0::/64");
  assertEquals(addressPrefix("::"), "0:0:0:0::/64");
  assertEquals(addressPrefix("fe80::1%eth0"), "fe80:0:0:0::/64");
});

Deno.test("text that is not an address is unchanged", () => {
  assertEquals(addressPrefix("unix"), "unix");
});
