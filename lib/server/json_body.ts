/** JSON objects out of request bodies, each mistake named in words. */
import * as v from "valibot";
import { HttpError } from "../http/error.ts";
import type { Request } from "../http/message.ts";

const strictDecoder = new TextDecoder("utf-8", { fatal: true });

/** The first mistake is the one that is told. */
const ABORT_EARLY = { abortEarly: true };

const NOT_AN_OBJECT = "the body must be a JSON object";

/** The message of an object schema: about the body as a whole, or about the member that is missing. */
function objectMessage(issue: v.BaseIssue<unknown>): string {
  return issue.path === undefined ? NOT_AN_OBJECT : `"${issue.path[0].key}" is missing`;
}

/** A member that must be text. */
function text(name: string) {
  return v.string(`"${name}" must be a string`);
}

/** `POST /register` and `POST /login`. */
export const Credentials = v.object(
  { username: text("username"), password: text("password") },
  objectMessage,
);

/** `/privilege` and `HEAD /images`: where the name is left out, the cookie's user is meant. */
export const MaybeUsername = v.object({ username: v.optional(text("username")) }, objectMessage);

/** `GET /images` and `POST /images`: where the name is left out, it stands in the query. */
export const MaybeUrl = v.object({ url: v.optional(text("url")) }, objectMessage);

/**
 * Reads a body as JSON of a shape; an empty body counts as `{}`. Members that the shape does not name
 * are dropped, and of repeated ones the last counts, as in JavaScript.
 *
 * @throws HttpError 400, its message the reason
 */
export function readJson<Shape extends v.GenericSchema>(
  request: Pick<Request, "body" | "text">,
  shape: Shape,
): v.InferOutput<Shape> {
  const result = v.safeParse(shape, parse(request), ABORT_EARLY);
  if (!result.success) throw new HttpError(400, result.issues[0].message);
  return result.output;
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

function parse(request: Pick<Request, "body" | "text">): unknown {
  const source = decodeUtf8(request);
  if (source === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    // The engine's own message would quote the body, and with it a password.
    throw new HttpError(400, "the body is not valid JSON");
  }
  if (Array.isArray(value)) throw new HttpError(400, NOT_AN_OBJECT);
  return value;
}
