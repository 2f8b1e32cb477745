/**
 * Where an option has its value from: the command line, or an environment variable,
 * `SOCKETPROGRAM_SERVER_KEY_TTL` for `--key-ttl`. The command line wins.
 */

/** Returns the value of an environment variable, undefined if it is not set. */
export type Environment = (name: string) => string | undefined;

/** What the variables of all options begin with. */
const PREFIX = "SOCKETPROGRAM_SERVER_";

/** What a variable may hold for an option that has no value. */
const YES = ["1", "true", "yes", "on"], NO = ["0", "false", "no", "off"];

/** Returns the name of the variable for an option: `key-ttl` gives `SOCKETPROGRAM_SERVER_KEY_TTL`. */
export function variableOf(name: string): string {
  return PREFIX + name.toUpperCase().replaceAll("-", "_");
}

/** The values of the options. An empty variable counts as unset. */
export class OptionValues {
  readonly #parsed: Readonly<Record<string, unknown>>;
  readonly #environment: Environment;
  readonly #fail: (sentence: string) => Error;

  /**
   * @param parsed the command line's values, by option
   * @param fail makes the error for wrong usage
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

  /** Returns what an error message calls the option: `--name`, or the variable that has its value. */
  label(name: string): string {
    return this.#isGiven(name) || this.#variable(name) === null ? `--${name}` : variableOf(name);
  }

  /** Returns the value of an option, or null. @throws if the command line's is empty */
  text(name: string): string | null {
    if (!this.#isGiven(name)) return this.#variable(name);
    const value = this.#parsed[name];
    if (value === "") throw this.#fail(`--${name} needs a value.`);
    return String(value);
  }

  /** Returns the values of an option that can be repeated; in its variable commas separate them. */
  list(name: string): string[] {
    const given = this.#parsed[name];
    if (Array.isArray(given) && given.length > 0) return given.map(String);
    return this.#variable(name)?.split(",").map((value) => value.trim()) ?? [];
  }

  /** Returns whether an option without a value is set. @throws if its variable is no yes or no */
  flag(name: string): boolean {
    if (this.#parsed[name] === true) return true;
    const value = this.#variable(name)?.toLowerCase() ?? "no";
    if (YES.includes(value)) return true;
    if (NO.includes(value)) return false;
    throw this.#fail(`${variableOf(name)} must be 1 or 0, not "${value}".`);
  }

  #isGiven(name: string): boolean {
    return this.#parsed[name] !== undefined;
  }

  #variable(name: string): string | null {
    return this.#environment(variableOf(name)) || null;
  }
}
