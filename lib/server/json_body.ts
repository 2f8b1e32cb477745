/** Reads JSON objects from request bodies and names each mistake in words. */
import { HttpError, type Request } from "../http/mod.ts";

const strictDecoder = new TextDecoder("utf-8", { fatal: true });

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Parses a body as a JSON object; an empty body counts as `{}`. Of repeated members the last
 * counts, as in JavaScript.
 *
 * @throws {HttpError} 400; the message is the reason
 */
export function readJson(request: Pick<Request, "body" | "text">): JsonObject {
  const source = decodeUtf8(request);
  if (source === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    // The message of JSON.parse quotes the body, which may hold a password.
    throw new HttpError(400, "the body is not valid JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new HttpError(400, "the body must be a JSON object");
  }
  return value as JsonObject;
}

/**
 * Returns a member that must be a string.
 *
 * @throws {HttpError} 400 if it is missing or not a string
 */
export function textMember(object: JsonObject, name: string): string {
  const text = optionalTextMember(object, name);
  if (text === undefined) throw new HttpError(400, `"${name}" is missing`);
  return text;
}

/**
 * Returns a member that must be a string if it is present.
 *
 * @throws {HttpError} 400 if it is not a string
 */
export function optionalTextMember(object: JsonObject, name: string): string | undefined {
  const member = object[name];
  if (member === undefined || typeof member === "string") return member;
  throw new HttpError(400, `"${name}" must be a string`);
}

/**
 * Returns a member that must be `true` or `false` if it is present.
 *
 * @throws {HttpError} 400 if it is something else
 */
export function optionalBooleanMember(object: JsonObject, name: string): boolean | undefined {
  const member = object[name];
  if (member === undefined || typeof member === "boolean") return member;
  throw new HttpError(400, `"${name}" must be true or false`);
}

/** Decodes strictly only if U+FFFD shows up: the strict decoder takes more than twice as long. */
function decodeUtf8(request: Pick<Request, "body" | "text">): string {
  const source = request.text;
  if (!source.includes("\ufffd")) return source;
  try {
    return strictDecoder.decode(request.body);
  } catch {
    throw new HttpError(400, "the body is not valid UTF-8");
  }
}
