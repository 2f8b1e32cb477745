/** Conditional requests (RFC 9110 §13). */
import { assertEquals } from "@std/assert";
import { evaluateConditions, formatHttpDate, rangeApplies } from "../../../lib/http/mod.ts";
import { fakeFields } from "../../server/support/request_fake.ts";

const CHANGED = 1_700_000_000;
const STATE = { etag: '"abc"', lastModified: CHANGED };
const BEFORE = formatHttpDate(CHANGED - 1);
const SAME = formatHttpDate(CHANGED);

function outcome(...fields: [string, string][]): string {
  return evaluateConditions("GET", fakeFields(fields), STATE);
}

Deno.test("If-None-Match compares weakly, knows lists and * (RFC 9110 §13.1.2)", () => {
  assertEquals(outcome(["If-None-Match", '"abc"']), "not modified");
  assertEquals(outcome(["If-None-Match", 'W/"abc"']), "not modified");
  assertEquals(outcome(["If-None-Match", '"x", "abc"']), "not modified");
  assertEquals(outcome(["If-None-Match", '"x"'], ["If-None-Match", '"abc"']), "not modified");
  assertEquals(outcome(["If-None-Match", "*"]), "not modified");
  assertEquals(outcome(["If-None-Match", '"x"']), "proceed");
});

Deno.test("If-Modified-Since counts only without If-None-Match (RFC 9110 §13.1.3)", () => {
  assertEquals(outcome(["If-Modified-Since", SAME]), "not modified");
  assertEquals(outcome(["If-Modified-Since", BEFORE]), "proceed");
  assertEquals(outcome(["If-Modified-Since", "nonsense"]), "proceed");
  assertEquals(outcome(["If-Modified-Since", SAME], ["If-None-Match", '"x"']), "proceed");
});

Deno.test("If-Match compares strongly and comes first (RFC 9110 §13.1.1, §13.2.2)", () => {
  assertEquals(outcome(["If-Match", '"abc"']), "proceed");
  assertEquals(outcome(["If-Match", "*"]), "proceed");
  assertEquals(outcome(["If-Match", 'W/"abc"']), "failed");
  assertEquals(outcome(["If-Match", '"x"'], ["If-None-Match", '"abc"']), "failed");
  assertEquals(outcome(["If-Match", '"abc"'], ["If-Unmodified-Since", BEFORE]), "proceed");
  assertEquals(outcome(["If-Unmodified-Since", BEFORE]), "failed");
  assertEquals(outcome(["If-Unmodified-Since", SAME]), "proceed");
});

Deno.test("not modified is for GET and HEAD alone (RFC 9110 §13.1.2, §13.1.3)", () => {
  const outcomes = (name: string, value: string) =>
    ["GET", "HEAD", "POST"].map((method) =>
      evaluateConditions(method, fakeFields([[name, value]]), STATE)
    );
  assertEquals(outcomes("If-None-Match", '"abc"'), ["not modified", "not modified", "failed"]);
  assertEquals(outcomes("If-None-Match", '"x"'), ["proceed", "proceed", "proceed"]);
  assertEquals(outcomes("If-Modified-Since", SAME), ["not modified", "not modified", "proceed"]);
  assertEquals(outcomes("If-Match", '"x"'), ["failed", "failed", "failed"]);
});

Deno.test("If-Range wants this very state (RFC 9110 §13.1.5)", () => {
  const later = (CHANGED + 60) * 1000;
  const applies = (value?: string, now = later) =>
    rangeApplies(fakeFields(value === undefined ? [] : [["If-Range", value]]), STATE, now);
  assertEquals(applies(), true);
  assertEquals(applies('"abc"'), true);
  assertEquals(applies('"x"'), false);
  assertEquals(applies('W/"abc"'), false);
  assertEquals(applies(SAME), true);
  assertEquals(applies(SAME, CHANGED * 1000 + 500), false);
  assertEquals(applies(SAME, CHANGED * 1000 + 1000), false);
  assertEquals(applies(SAME, CHANGED * 1000 + 1001), true);
  assertEquals(applies(BEFORE), false);
  assertEquals(applies(formatHttpDate(CHANGED + 10)), false);
});
