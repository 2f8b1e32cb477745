/** The server program: does what the command line asks for and turns failures into sentences. */
import { administer } from "../accounts/mod.ts";
import { readNotices } from "../notices.ts";
import { VERSION } from "../version.ts";
import { openAdministration } from "./admin/admin_client.ts";
import { complain, readPassword, say } from "./console.ts";
import { explainFailure } from "./failure.ts";
import { checkHealth } from "./health_check.ts";
import {
  type CheckOptions,
  parseOptions,
  USAGE,
  USAGE_LINE,
  UsageError,
  type UserOptions,
} from "./options.ts";
import { serveUntilStopped } from "./serve.ts";

/**
 * Runs the program. Returns the exit code: 0 for success, 1 for a failure with a sentence on
 * stderr, 2 for wrong usage.
 *
 * @param args the arguments, without the program's name
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await run(args);
  } catch (error) {
    if (error instanceof UsageError) {
      complain(`${error.message}\n${USAGE_LINE}\nsee --help\n`);
      return 2;
    }
    complain(`${explainFailure(error)}\n`);
    return 1;
  }
}

async function run(args: readonly string[]): Promise<number> {
  const options = parseOptions(args, environmentVariable);
  switch (options.command) {
    case "help":
      say(USAGE);
      return 0;
    case "version":
      say(`server ${VERSION}\n`);
      return 0;
    case "licenses":
      say(await readNotices());
      return 0;
    case "check":
      return await check(options);
    case "user":
      return await administerUsers(options);
    case "serve":
      await serveUntilStopped(options);
      return 0;
  }
}

/** Returns the value of a variable. @throws {UsageError} if it is not valid UTF-8 */
function environmentVariable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    throw new UsageError(`The environment variable ${name} is not valid UTF-8.`);
  }
}

/** `server --check PORT`; returns the exit code. */
async function check(options: CheckOptions): Promise<number> {
  const fault = await checkHealth(options);
  if (fault === null) return 0;
  complain(`${fault}\n`);
  return 1;
}

/** `server user …`; returns the exit code. */
function administerUsers(options: UserOptions): Promise<number> {
  return administer(options.words, {
    open: () => openAdministration(options, (sentence) => complain(`Warning: ${sentence}.\n`)),
    readPassword,
    out: say,
    err: complain,
  });
}
