import { assertEquals } from "@std/assert";
import { serverAddress, takeServer } from "../../lib/client/server_address.ts";

Deno.test("a domain, an IPv4 and an IPv6 address each get the Host field of RFC 9110 §7.2", () => {
  const authority = (host: string, port: string, tls = false) =>
    serverAddress(host, port, tls)?.authority;
  assertEquals(authority("localhost", "8080"), "localhost:8080");
  assertEquals(authority("127.0.0.1", "8080"), "127.0.0.1:8080");
  assertEquals(authority("::1", "8080"), "[::1]:8080");
  assertEquals(authority("[::1]", "8080"), "[::1]:8080");
  assertEquals(authority("Example.COM", "80"), "example.com");
  assertEquals(authority("example.com", "443", true), "example.com");
  assertEquals(authority("example.com", "80", true), "example.com:80");
});

Deno.test("an IPv6 zone reaches the socket and not the wire", () => {
  const server = serverAddress("fe80::1%eth0", "8080", false);
  assertEquals(server?.hostname, "fe80::1%eth0");
  assertEquals(server?.authority, "[fe80::1]:8080");
});

Deno.test("a domain in another script is sent in its ASCII form", () => {
  assertEquals(serverAddress("서버.kr", "80", false)?.authority, "xn--hk3b17f.kr");
});

Deno.test("SERVER_IP applies to domains, not to addresses", () => {
  const isDomain = (host: string) => serverAddress(host, "80", false)?.isDomain;
  assertEquals(
    ["localhost", "www.server.com", "127.0.0.1", "::1", "[::1]"].map(isDomain),
    [true, true, false, false, false],
  );
});

Deno.test("an invalid host or port is refused", () => {
  for (const host of ["", "a b", "a/b", "user@host", "host:80x", "[::1", "::zz", "[host]", "a?b"]) {
    assertEquals([host, serverAddress(host, "80", false)], [host, null]);
  }
  for (const port of ["", "0", "65536", "-1", "8080x", "1e3", "0x50", " 80"]) {
    assertEquals([port, serverAddress("localhost", port, false)], [port, null]);
  }
});

Deno.test("every part of an address is checked, and the ends of the range of ports", () => {
  const address = (host: string, port = "80", tls = false) => serverAddress(host, port, tls);
  assertEquals([address("h", "1")?.port, address("h", "65535")?.port], [1, 65_535]);
  for (
    const host of ["h:80", "u:p@h", ":p@h", "h/a", "[::1]a", "h%41", "h#a", "h\\a", "1.2.3.999"]
  ) {
    assertEquals(address(host), null, host);
  }
  assertEquals(address("127.1")?.hostname, "127.0.0.1");
  assertEquals(address("h", "443", true)?.origin, "https://h:443");
  assertEquals(address("h", "443")?.authority, "h:443");
  assertEquals(address("::1", "80", true)?.origin, "https://[::1]:80");
});

Deno.test("the server is taken from a host and a port, both in one word, or a URL", () => {
  const take = (words: string[], tls = false) => {
    const taken = takeServer(words, tls);
    return taken && [taken.server?.origin ?? null, taken.named, taken.rest];
  };
  assertEquals(take(["h", "8080", "x"]), ["http://h:8080", "h 8080", ["x"]]);
  assertEquals(take(["h:8080", "x"]), ["http://h:8080", "h:8080", ["x"]]);
  assertEquals(take(["[::1]:8080"]), ["http://[::1]:8080", "[::1]:8080", []]);
  assertEquals(take(["::1", "8080"]), ["http://[::1]:8080", "::1 8080", []]);
  assertEquals(take(["http://h", "x"]), ["http://h:80", "http://h", ["x"]]);
  assertEquals(take(["https://h/"]), ["https://h:443", "https://h/", []]);
  assertEquals(take(["HTTPS://h:8443"]), ["https://h:8443", "HTTPS://h:8443", []]);
  assertEquals(take(["http://[::1]:1/"]), ["http://[::1]:1", "http://[::1]:1/", []]);
  assertEquals(take(["http://h"], true), ["https://h:443", "http://h", []]);
  assertEquals(take(["h:8443"], true), ["https://h:8443", "h:8443", []]);
  for (const url of ["http://", "http://h/a", "http://h?a", "http://u@h", "http://h:x"]) {
    assertEquals(take([url]), [null, url, []]);
  }
  assertEquals(take([":80"]), [null, ":80", []]);
  assertEquals([take([]), take(["h"])], [null, null]);
});
