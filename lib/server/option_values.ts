/**
 * Reads the values of options from the command line or from environment variables, such as
 * `SOCKETPROGRAM_SERVER_KEY_TTL` for `--key-ttl`. The command line takes precedence.
 */

/** Returns the value of an environment variable, or undefined if it is not set. */
export type Environment = (name: string) => string | undefined;

/** The prefix of all variables. */
const PREFIX = "SOCKETPROGRAM_SERVER_";

/** The values of a variable that sets an option without a value, or leaves it unset. */
const YES = ["1", "true", "yes", "on"], NO = ["0", "false", "no", "off"];

/** Returns the variable of an option: `SOCKETPROGRAM_SERVER_KEY_TTL` for `key-ttl`. */
export function variableOf(name: string): string {
  return PREFIX + name.toUpperCase().replaceAll("-", "_");
}

/** The values of the options. An empty variable counts as unset. */
export class OptionValues {
  readonly #parsed: Readonly<Record<string, unknown>>;
  readonly #environment: Environment;
  readonly #fail: (sentence: string) => Error;

  /**
   * @param parsed values from the command line, by option
   * @param environment reads environment variables
   * @param fail returns the error for wrong usage
   */
  constructor(
    parsed: Readonly<Record<string, unknown>>,
    environment: Environment,
    fail: (sentence: string) => Error,
  ) {
    this.#parsed = parsed;
    this.#environment = environment;
    this.#fail = fail;
  }

  /** Returns the name of an option for error messages: `--name`, or the variable that sets it. */
  label(name: string): string {
    return this.#isGiven(name) ? `--${name}` : variableOf(name);
  }

  /** Returns the value of an option, or null. @throws if it is empty on the command line */
  text(name: string): string | null {
    if (!this.#isGiven(name)) return this.#variable(name);
    const value = this.#parsed[name];
    if (value === "") throw this.#fail(`--${name} needs a value.`);
    return String(value);
  }

  /** Returns the values of a repeatable option. In a variable, commas separate them. */
  list(name: string): string[] {
    if (this.#isGiven(name)) return (this.#parsed[name] as unknown[]).map(String);
    return this.#variable(name)?.split(",").map((value) => value.trim()) ?? [];
  }

  /** Returns whether an option without a value is set. @throws if its variable is not 1 or 0 */
  flag(name: string): boolean {
    if (this.#parsed[name] === true) return true;
    const value = this.#variable(name)?.toLowerCase() ?? "no";
    if (YES.includes(value)) return true;
    if (NO.includes(value)) return false;
    throw this.#fail(`${variableOf(name)} must be 1 or 0, not "${value}".`);
  }

  /** Whether an option is on the command line; a repeatable one that is not is an empty list. */
  #isGiven(name: string): boolean {
    const value = this.#parsed[name] ?? [];
    return !Array.isArray(value) || value.length > 0;
  }

  #variable(name: string): string | null {
    return this.#environment(variableOf(name)) || null;
  }
}
