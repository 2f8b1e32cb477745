/**
 * Environment variables.
 */

/** Reads environment variables. */
export interface Environment {
  /** Returns the value of a variable, or undefined if it is not set. */
  get(name: string): string | undefined;
}

/** The variables of this process. A variable that is not valid UTF-8 counts as unset. */
export const ENVIRONMENT: Environment = {
  get(name) {
    try {
      return Deno.env.get(name);
    } catch {
      return undefined;
    }
  },
};
