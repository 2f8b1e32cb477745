/** What a trusted proxy says about its clients. */
import { assertEquals } from "@std/assert";
import { TrustedProxies } from "../../lib/server/trusted_proxies.ts";
import { fakeRequest } from "./support/request_fake.ts";

function clientOf(trusted: string[], peer: string, forwarded?: string): string {
  const fields: [string, string][] = forwarded === undefined
    ? []
    : [["X-Forwarded-For", forwarded]];
  return new TrustedProxies(trusted).clientOf(fakeRequest("GET", "/", { peer, fields }));
}

Deno.test("a peer that is not a trusted proxy is the client, whatever fields it sends", () => {
  assertEquals(clientOf([], "192.0.2.1"), "192.0.2.1");
  assertEquals(clientOf([], "127.0.0.1", "192.0.2.9"), "127.0.0.1");
  assertEquals(clientOf(["127.0.0.1"], "192.0.2.1", "192.0.2.9"), "192.0.2.1");
});

Deno.test("a trusted proxy names the client; what the client put in front is ignored", () => {
  const trusted = ["127.0.0.1", "10.0.0.2"];
  assertEquals(clientOf(trusted, "127.0.0.1", "192.0.2.9"), "192.0.2.9");
  assertEquals(clientOf(trusted, "127.0.0.1", "6.6.6.6, 192.0.2.9"), "192.0.2.9");
  assertEquals(clientOf(trusted, "127.0.0.1", "6.6.6.6, 192.0.2.9, 10.0.0.2"), "192.0.2.9");
  assertEquals(clientOf(trusted, "127.0.0.1", "2001:db8::9"), "2001:db8::9");
});

Deno.test("a trusted proxy that names no client is the client itself", () => {
  assertEquals(clientOf(["127.0.0.1"], "127.0.0.1"), "127.0.0.1");
  assertEquals(clientOf(["127.0.0.1"], "127.0.0.1", "unknown"), "127.0.0.1");
  assertEquals(clientOf(["127.0.0.1"], "127.0.0.1", "192.0.2.9, "), "127.0.0.1");
  assertEquals(clientOf(["127.0.0.1"], "127.0.0.1", "127.0.0.1"), "127.0.0.1");
});

Deno.test("an address is the same however it is written, with a port or without", () => {
  const named = (forwarded: string, trusted = ["127.0.0.1"]) =>
    clientOf(trusted, "127.0.0.1", forwarded);
  assertEquals(named("198.51.100.2:10000"), "198.51.100.2");
  assertEquals(named("[2001:db8::1]:55"), "2001:db8::1");
  assertEquals(named("[2001:db8::1]"), "2001:db8::1");
  assertEquals(named("192.0.2.9, 010.0.0.002", ["127.0.0.1", "10.0.0.2"]), "192.0.2.9");
  assertEquals(named("192.0.2.9, [::FFFF:a00:2]:8", ["127.0.0.1", "10.0.0.2"]), "192.0.2.9");
  assertEquals(clientOf(["0:0:0:0:0:0:0:1"], "::1", "192.0.2.9"), "192.0.2.9");
  assertEquals(clientOf(["127.0.0.1"], "::ffff:127.0.0.1", "192.0.2.9"), "192.0.2.9");
  // No proxy of ours: whoever can connect from such a network could claim it.
  assertEquals(clientOf(["127.0.0.1"], "64:ff9b::7f00:1", "192.0.2.9"), "64:ff9b::7f00:1");
  for (
    const bad of ["192.0.2.256", "192.0.2.9:port", "[192.0.2.9", "2001:db8::1]:5", "::1%x", "_x"]
  ) {
    assertEquals(named(bad), "127.0.0.1", bad);
  }
});

Deno.test("only a trusted proxy can name the requested host", () => {
  const hostOf = (peer: string, ...more: [string, string][]) =>
    new TrustedProxies(["127.0.0.1"]).hostOf(
      fakeRequest("GET", "/", { peer, fields: [["Host", "inside:8080"], ...more] }),
    );
  assertEquals(hostOf("127.0.0.1"), "inside:8080");
  assertEquals(hostOf("127.0.0.1", ["X-Forwarded-Host", "photos.example"]), "photos.example");
  assertEquals(hostOf("127.0.0.1", ["X-Forwarded-Host", "a:1 , b"]), "a:1");
  assertEquals(hostOf("192.0.2.1", ["X-Forwarded-Host", "photos.example"]), "inside:8080");
});

Deno.test("only a trusted proxy can say that the client came over TLS", () => {
  const says = (peer: string, scheme: string) =>
    new TrustedProxies(["127.0.0.1"]).saysSecure(
      fakeRequest("GET", "/", { peer, fields: [["X-Forwarded-Proto", scheme]] }),
    );
  assertEquals(says("127.0.0.1", "https"), true);
  assertEquals(says("127.0.0.1", "http"), false);
  assertEquals(says("192.0.2.1", "https"), false);
});
