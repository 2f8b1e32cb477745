/** JSON objects out of request bodies, each mistake named in words. */
import { HttpError, type Request } from "../http/mod.ts";

const strictDecoder = new TextDecoder("utf-8", { fatal: true });

/** What a body says: an object of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads a body as a JSON object; an empty body counts as `{}`. Of repeated members the last counts, as in
 * JavaScript.
 *
 * @throws HttpError 400, its message the reason
 */
export function readJson(request: Pick<Request, "body" | "text">): JsonObject {
  const source = decodeUtf8(request);
  if (source === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    // The engine's own message would quote the body, and with it a password.
    throw new HttpError(400, "the body is not valid JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new HttpError(400, "the body must be a JSON object");
  }
  return value as JsonObject;
}

/**
 * The member of that name, which must be text.
 *
 * @throws HttpError 400 where it is missing, or no text
 */
export function textMember(object: JsonObject, name: string): string {
  const text = optionalTextMember(object, name);
  if (text === undefined) throw new HttpError(400, `"${name}" is missing`);
  return text;
}

/**
 * The member of that name, which must be text where it is there.
 *
 * @throws HttpError 400 where it is no text
 */
export function optionalTextMember(object: JsonObject, name: string): string | undefined {
  const member = object[name];
  if (member === undefined || typeof member === "string") return member;
  throw new HttpError(400, `"${name}" must be a string`);
}

/**
 * Returns the member of that name, which must be `true` or `false` if it is there.
 *
 * @throws HttpError 400 if it is something else
 */
export function optionalBooleanMember(object: JsonObject, name: string): boolean | undefined {
  const member = object[name];
  if (member === undefined || typeof member === "boolean") return member;
  throw new HttpError(400, `"${name}" must be true or false`);
}

/** The strict decoder takes more than twice as long, so it is asked only where a doubt is left. */
function decodeUtf8(request: Pick<Request, "body" | "text">): string {
  const source = request.text;
  if (!source.includes("\ufffd")) return source;
  try {
    return strictDecoder.decode(request.body);
  } catch {
    throw new HttpError(400, "the body is not valid UTF-8");
  }
}
