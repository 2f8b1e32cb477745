import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { JsonDamage } from "../../../../lib/accounts/store/json/json_scanner.ts";
import {
  type FileUser,
  formatUsers,
  parseUsers,
} from "../../../../lib/accounts/store/json/users_file.ts";
import { scalarValue } from "../../../support/text.ts";

const parse = (text: string) => parseUsers(new TextEncoder().encode(text));
function format(users: Iterable<[string, FileUser]>): string {
  const decoder = new TextDecoder();
  let text = "";
  for (const chunk of formatUsers(users)) text += decoder.decode(chunk, { stream: true });
  return text;
}

const HASH =
  "$scrypt$ln=15,r=8,p=3$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";

Deno.test("the file is written as the contract shows it, indented", () => {
  const users = new Map([["alice", { pw: HASH, expiryTime: 1763800000, revokedAt: 0 }]]);
  assertEquals(
    format(users),
    `{
  "alice": {
    "pw": "${HASH}",
    "key": {
      "expiry_time": 1763800000
    }
  }
}
`,
  );
  assertEquals(format([]), "{}\n");
});

Deno.test("the original's own file is accepted: a plain pw, a value in the key, a float", () => {
  const users = parse(
    '{"1": {"pw": "1", "key": {"value": "ABCD", "expiry_time": 1763800000.1234567}}}',
  );
  assertEquals(users.get("1"), {
    pw: "1",
    expiryTime: 1763800000.1234567,
    revokedAt: 0,
    keyOthers: '"value": "ABCD"',
  });
});

Deno.test("members that this program does not know are kept as they were written", () => {
  const text = `{
  "alice": {
    "pw": "x",
    "key": {
      "expiry_time": 5,
      "value": "ABCD"
    },
    "revoked_at": 7.5,
    "note": "left-\\u0068anded",
    "id": 12345678901234567890,
    "tags": [
      "a", {}
    ]
  }
}
`;
  const users = parse(text);
  assertEquals(format(users), text);
  assertEquals(users.get("alice")?.revokedAt, 7.5);
});

Deno.test("ended sessions are written below the user, and the empty list is left out", () => {
  const text = `{
  "alice": {
    "pw": "x",
    "key": {
      "expiry_time": 5
    },
    "revoked_at": 7.5,
    "ended_sessions": {
      "hash-_1": 1763800000.125,
      "2": 5
    },
    "note": 1
  }
}
`;
  const users = parse(text);
  assertEquals(users.get("alice")?.endedSessions, [["hash-_1", 1763800000.125], ["2", 5]]);
  assertEquals(format(users), text);
  const none = parse('{"a": {"pw": "x", "ended_sessions": {}, "key": {"expiry_time": 0}}}');
  assertEquals(none.get("a"), { pw: "x", expiryTime: 0, revokedAt: 0 });
});

Deno.test("names keep their order, numbers among them, and __proto__ is a name like any other", () => {
  const member = '{"pw": "x", "key": {"expiry_time": 0}}';
  const names = ["b", "10", "2", "__proto__", "constructor", "a", ""];
  const users = parse(`{${names.map((name) => `"${name}": ${member}`).join()}}`);
  assertEquals([...users.keys()], names);
  assertEquals([...parse(format(users)).keys()], names);
  assertEquals(Object.getPrototypeOf({}), Object.prototype);
});

Deno.test("names are converted to NFC when they are read", () => {
  const users = parse('{"zoe\u0308": {"pw": "x", "key": {"expiry_time": 0}}}');
  assertEquals([...users.keys()], ["zo\u00eb"]);
});

Deno.test("a file in another format is refused with the position and the member", () => {
  const key = '"key": {"expiry_time": 0}';
  const cases: [text: string, words: string, column: number][] = [
    ["[]", "the file must be an object", 1],
    ["null", "the file must be an object", 1],
    ['{"a": 5}', '"a" must be an object', 7],
    ['{"a": {}}', '"a".pw is missing', 7],
    [`{"a": {${key}}}`, '"a".pw is missing', 7],
    ['{"a": {"pw": "x"}}', '"a".key is missing', 7],
    ['{"a": {"pw": "x", "key": {}}}', '"a".key.expiry_time is missing', 7],
    ['{"a": {"pw": "x", "key": "ABCD"}}', '"a".key must be an object', 26],
    [`{"a": {"pw": 1, ${key}}}`, '"a".pw must be a string', 14],
    ['{"a": {"pw": "x", "key": {"expiry_time": "0"}}}', '"a".key.expiry_time must be a number', 42],
    ['{"a": {"pw": "x", "key": {"expiry_time": null}}}', '"a".key.expiry_time must be', 42],
    ['{"a": {"pw": "x", "key": {"expiry_time": -1}}}', '"a".key.expiry_time must be 0 or Unix', 42],
    [
      '{"a": {"pw": "x", "key": {"expiry_time": 1e999}}}',
      '"a".key.expiry_time must be 0 or Unix',
      42,
    ],
    [`{"a": {"pw": "x", "pw": "y", ${key}}}`, '"a".pw occurs twice', 19],
    [`{"a": {"pw": "x", ${key}, "ended_sessions": []}}`, '"a".ended_sessions must be an', 64],
    [`{"a": {"pw": "x", ${key}, "ended_sessions": {"b": "c"}}}`, "sions.b must be a number", 70],
    [`{"a": {"pw": "x", ${key}, ${key}}}`, '"a".key occurs twice', 46],
    [`{"a": {"pw": "x", ${key}}, "a": {"pw": "x", ${key}}}`, 'the user "a" occurs twice', 47],
    [`{"a": {"pw": "x", ${key}}} {}`, "expected the end", 47],
    [`{"a": {"pw": "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", ${key}}}`, '"a".pw is a password hash', 14],
    [`{"a": {"pw": "$scrypt$ln=60,r=8,p=1$a$b", ${key}}}`, '"a".pw is a password hash', 14],
  ];
  for (const [text, words, column] of cases) {
    const damage = assertThrows(() => parse(text), JsonDamage);
    assertStringIncludes(damage.message, words);
    assertEquals([damage.line, damage.column], [1, column], text);
  }
});

Deno.test("a formatted file parses to the same users", () => {
  const time = fc.double({ min: 0, max: 1e12, noNaN: true }).map((value) => value + 0);
  const user = fc.record({
    pw: fc.string({ unit: scalarValue }),
    expiryTime: time,
    revokedAt: time,
  })
    .filter(({ pw }) => !pw.startsWith("$"));
  const name = fc.string({ unit: scalarValue }).map((text) => text.normalize("NFC"));
  fc.assert(
    fc.property(fc.array(fc.tuple(name, user), { maxLength: 8 }), (entries) => {
      const users = new Map(entries);
      assertEquals([...parse(format(users))], [...users]);
    }),
    { numRuns: 50 },
  );
});

Deno.test("a large file is written in chunks and read whole", () => {
  const users = new Map<string, FileUser>();
  for (let i = 0; i < 3000; i++) users.set(`user ${i}`, { pw: HASH, expiryTime: i, revokedAt: 0 });
  assertEquals([...formatUsers(users)].length > 5, true);
  assertEquals(parse(format(users)), users);
});
