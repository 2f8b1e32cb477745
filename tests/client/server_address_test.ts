import { assertEquals } from "@std/assert";
import { serverAddress } from "../../lib/client/server_address.ts";

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

Deno.test("SERVER_IP is for domains: addresses are told from them", () => {
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
