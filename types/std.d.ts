// What this project uses of the Deno standard library, declared in our own words: the npm package
// that carries it ships no types. A name that is missing here is a name nobody uses yet.

declare module "@std/assert" {
  export function assert(condition: unknown, message?: string): asserts condition;
  export function assertEquals<T>(actual: T, expected: T, message?: string): void;
  export function assertAlmostEquals(actual: number, expected: number, tolerance?: number): void;
  export function assertNotEquals<T>(actual: T, expected: T, message?: string): void;
  export function assertStringIncludes(actual: string, expected: string, message?: string): void;
  export function assertMatch(actual: string, expected: RegExp, message?: string): void;
  export function assertNotMatch(actual: string, expected: RegExp, message?: string): void;
  export function assertThrows<E extends Error = Error>(
    run: () => unknown,
    errorClass?: abstract new (...args: never[]) => E,
    messageIncludes?: string,
  ): E;
  export function assertRejects<E extends Error = Error>(
    run: () => PromiseLike<unknown>,
    errorClass?: abstract new (...args: never[]) => E,
    messageIncludes?: string,
  ): Promise<E>;
  export function assertInstanceOf<T>(
    actual: unknown,
    expectedType: abstract new (...args: never[]) => T,
    message?: string,
  ): asserts actual is T;
}

declare module "@std/cli/parse-args" {
  /** The options of `parseArgs` that this project uses. */
  export interface ParseOptions {
    string?: readonly string[];
    boolean?: readonly string[];
    collect?: readonly string[];
    alias?: Record<string, string>;
    default?: Record<string, unknown>;
    /** Called for every argument nobody declared; returning false leaves it out of the result. */
    unknown?: (argument: string, key?: string, value?: unknown) => unknown;
  }
  export function parseArgs(
    args: readonly string[],
    options?: ParseOptions,
  ): { _: (string | number)[] } & Record<string, unknown>;
}

declare module "@std/cli/prompt-secret" {
  /** Asks on the terminal; an empty `mask` shows nothing. Null where stdin is no terminal. */
  export function promptSecret(message: string, options?: { mask?: string }): string | null;
}

declare module "@std/http/etag" {
  export function ifNoneMatch(value: string | null, etag: string | undefined): boolean;
  export function ifMatch(value: string | null, etag: string | undefined): boolean;
}

declare module "@std/http/status" {
  export const STATUS_TEXT: Readonly<Record<number, string>>;
}

declare module "@std/path" {
  export function join(...paths: string[]): string;
  export function dirname(path: string): string;
  export function basename(path: string, suffix?: string): string;
  export function extname(path: string): string;
  export function relative(from: string, to: string): string;
  export function resolve(...paths: string[]): string;
  export function fromFileUrl(url: string | URL): string;
  export function globToRegExp(
    glob: string,
    options?: { os?: "linux"; globstar?: boolean; extended?: boolean },
  ): RegExp;
  export const SEPARATOR: "/" | "\\";
}

declare module "@std/streams/text-line-stream" {
  /** Splits a stream of text into lines, without their ends. */
  export class TextLineStream extends TransformStream<string, string> {}
}

declare module "@std/text/levenshtein-distance" {
  /** How many single-character edits make one string the other. */
  export function levenshteinDistance(a: string, b: string): number;
}

declare module "@std/encoding/base64" {
  export function encodeBase64(data: Uint8Array | ArrayBuffer | string): string;
  export function decodeBase64(text: string): Uint8Array<ArrayBuffer>;
}
