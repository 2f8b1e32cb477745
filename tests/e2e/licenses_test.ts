/** `--licenses` of both programs. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { command } from "./support/programs.ts";

for (const program of ["server", "client"] as const) {
  Deno.test(`${program} --licenses prints what it contains of others`, async () => {
    const [executable, ...first] = command(program);
    const { code, stdout, stderr } = await new Deno.Command(executable, {
      args: [...first, "--licenses"],
    }).output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
    const notices = new TextDecoder().decode(stdout);
    for (const part of ["V8", "Deno", "libheif-js", "Óscar Otero", "LESSER GENERAL PUBLIC"]) {
      assertStringIncludes(notices, part);
    }
  });
}
