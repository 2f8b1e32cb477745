import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import { EXIT } from "../../../lib/client/failure.ts";
import { CATALOGUES } from "../../../lib/client/language/language.ts";
import type { Messages } from "../../../lib/client/language/messages.ts";
import { DRAWN_FILE_LIMIT } from "../../../lib/client/terminal/picture_view.ts";
import { refusalReason } from "../../../lib/client/language/refusal_reason.ts";
import { checkPassword, checkUsername } from "../../../lib/accounts/credentials.ts";
import { MAX_PIXELS, MAX_SEQUENTIAL_PIXELS } from "../../../lib/picture/mod.ts";

/** Every sentence, with marks for what would be filled in. */
function sentences(messages: Messages): Map<string, string> {
  const { browserFacts, ...rest } = messages;
  const all: object = { ...rest, ...browserFacts };
  return new Map(
    Object.entries(all).map(([name, sentence]) => [
      name,
      typeof sentence === "string" ? sentence : sentence("«1»", "«2»", "«3»"),
    ]),
  );
}

Deno.test("the catalogues have the same sentences, and no sentence is empty", () => {
  const korean = sentences(CATALOGUES.ko), english = sentences(CATALOGUES.en);
  assertEquals([...korean.keys()].sort(), [...english.keys()].sort());
  for (const [name, sentence] of [...korean, ...english]) assert(sentence.trim() !== "", name);
});

Deno.test("each language is written in its own script", () => {
  for (const [name, sentence] of sentences(CATALOGUES.en)) {
    assert(!/\p{Script=Hangul}/u.test(sentence), `${name}: ${sentence}`);
  }
  for (const [name, sentence] of sentences(CATALOGUES.ko)) {
    assert(/\p{Script=Hangul}/u.test(sentence), `${name}: ${sentence}`);
  }
});

Deno.test("a sentence fills in the same things in both languages", () => {
  const korean = sentences(CATALOGUES.ko), english = sentences(CATALOGUES.en);
  const filled = (text: string) => [...new Set(text.match(/«\d»/g))].sort();
  for (const [name, sentence] of korean) {
    assertEquals(filled(sentence), filled(english.get(name)!), name);
  }
});

Deno.test("the menu has the numbers and labels of the contract", () => {
  const { menuRegister, menuLogin, menuPrivilege, menuImage, menuExit } = CATALOGUES.ko;
  assertEquals([menuRegister, menuLogin, menuPrivilege, menuImage, menuExit], [
    "1. 회원가입",
    "2. 로그인",
    "3. 권한 상승 요청",
    "4. 이미지 보기",
    "99. 종료",
  ]);
  const number = (label: string) => /^\d+\. /.exec(label)?.[0];
  for (
    const name of ["menuRegister", "menuLogin", "menuPrivilege", "menuImage", "menuExit"] as const
  ) {
    assertEquals(number(CATALOGUES.en[name]), number(CATALOGUES.ko[name]));
  }
});

Deno.test("every reason of the file system has its own words in both languages", () => {
  const errors = [
    new Deno.errors.PermissionDenied(),
    new Deno.errors.NotFound(),
    Object.assign(new Error("x (os error 30)"), { code: "EROFS" }),
    Object.assign(new Error("x (os error 28)"), { code: "ENOSPC" }),
    Object.assign(new Error("x"), { code: "EISDIR" }),
    new Error("something else"),
  ];
  for (const { fileError } of Object.values(CATALOGUES)) {
    assertEquals(new Set(errors.map(fileError)).size, errors.length);
  }
});

Deno.test("one image is counted as one", () => {
  const { browserCounts } = CATALOGUES.en;
  assertEquals(browserCounts(1, "9 B"), "1 image · 9 B");
  assertEquals(browserCounts(2, "9 B"), "2 images · 9 B");
});

Deno.test("the sentence for a picture that is too large names the limits", () => {
  const [all, jpeg] = [MAX_PIXELS, MAX_SEQUENTIAL_PIXELS].map((pixels) => pixels / 1e6);
  const size = `${DRAWN_FILE_LIMIT >> 20} MiB`;
  const { ko, en } = CATALOGUES;
  assertStringIncludes(
    en.imageTooLarge("x"),
    `limits: ${all} megapixels, or ${jpeg.toLocaleString("en")} in a baseline JPEG, and ${size}`,
  );
  const korean = `최대 ${all / 100}억 화소, 베이스라인 JPEG는 ${jpeg / 100}억 화소, ${size}`;
  assertStringIncludes(ko.imageTooLarge("x"), korean);
});

/** The columns a line takes: Hangul is two wide. */
const columns = (line: string) => line.length + (line.match(/\p{Script=Hangul}/gu)?.length ?? 0);

Deno.test("the usage names the same options, commands and exit codes in both languages", () => {
  const named = (text: string) => new Set(text.match(/--[a-z-]+|^ {2}[0-9]+ |[A-Z_]{7,}/gm));
  const korean = named(CATALOGUES.ko.usage);
  assertEquals(korean, named(CATALOGUES.en.usage));
  assert(korean.size > 15);
  assertNotEquals(CATALOGUES.ko.usage, CATALOGUES.en.usage);
  for (const { usage } of Object.values(CATALOGUES)) {
    for (const line of usage.split("\n")) assert(columns(line) <= 80, line);
  }
});

Deno.test("the usage lists every exit code that there is, and no other", () => {
  const codes = Object.values(EXIT).map(String).sort();
  for (const { usage } of Object.values(CATALOGUES)) {
    assertEquals(
      (usage.match(/^ {2}[0-9]+(?= )/gm) ?? []).map((code) => code.trim()).sort(),
      codes,
    );
  }
});

Deno.test("every reason of the server to refuse a registration has words in Korean", () => {
  const refused = [
    ...["", "a\x00", "a\u202e", "__proto__", "x".repeat(65)].map(checkUsername),
    ...["", "\ud800", "x".repeat(1025)].map(checkPassword),
  ];
  for (const checked of refused) {
    assert("reason" in checked);
    assert(refusalReason(checked.reason) !== null, checked.reason);
    assertEquals(CATALOGUES.en.refusalReason(checked.reason), checked.reason);
    const korean = CATALOGUES.ko.refusalReason(checked.reason);
    assertMatch(korean, /^(아이디|비밀번호)[가는로에]/);
    assertNotMatch(korean, /[a-z]/);
  }
  assertEquals(
    CATALOGUES.ko.refusalReason("the username is longer than 64 characters"),
    "아이디는 64자까지 쓸 수 있습니다",
  );
  for (const other of ["the moon is full", "the password is reserved", "the username is odd"]) {
    assertStringIncludes(CATALOGUES.ko.refusalReason(other), other);
  }
});
