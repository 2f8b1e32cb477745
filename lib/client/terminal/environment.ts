/**
 * Environment variables, as far as they can be read.
 */

/** Gives the value of a variable, or undefined where there is none. */
export interface Environment {
  get(name: string): string | undefined;
}

/** Those of this process. One that is no text, which the runtime throws at, is as good as none. */
export const ENVIRONMENT: Environment = {
  get(name) {
    try {
      return Deno.env.get(name);
    } catch {
      return undefined;
    }
  },
};
