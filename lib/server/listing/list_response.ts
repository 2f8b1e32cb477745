/** Parses requests for `/list` and makes its responses: JSON with a strong entity tag. */
import { ifNoneMatch } from "@std/http/etag";
import { HttpError, type Request, type Response } from "../../http/mod.ts";
import { optionalTextMember, readJson } from "../json_body.ts";
import type { ListBody } from "./list_body.ts";
import { type ListRequest, MAX_PAGE_ENTRIES } from "./listing.ts";

/**
 * Reads the requested page from members of the body or from the query.
 *
 * @throws {HttpError} 400 if the limit is not a positive integer
 */
export function readListRequest(request: Request): ListRequest {
  const body = readJson(request);
  const member = (name: string) => optionalTextMember(body, name) ?? request.query.get(name);
  return {
    folder: member("folder") ?? "",
    after: member("after"),
    limit: limitOf(body["limit"] ?? request.query.get("limit")),
  };
}

function limitOf(value: unknown): number {
  if (value === null || value === undefined) return MAX_PAGE_ENTRIES;
  const limit = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1) {
    throw new HttpError(400, `"limit" must be a whole number from 1 to ${MAX_PAGE_ENTRIES}`);
  }
  return Math.min(limit, MAX_PAGE_ENTRIES);
}

/** Returns a page, or 304 if the client already has it (RFC 9110 §13.1.2). */
export function listResponse(request: Request, { bytes, etag }: ListBody): Response {
  const fields: (readonly [string, string])[] = [
    ["ETag", etag],
    // A shared cache must not serve it to somebody without a key.
    ["Cache-Control", "private, no-cache"],
  ];
  const condition = request.fields.get("if-none-match");
  const isRetrieval = request.method === "GET" || request.method === "HEAD";
  if (condition !== null && !ifNoneMatch(condition, etag)) {
    // For methods other than GET and HEAD, §13.1.2 requires 412.
    return isRetrieval ? { status: 304, fields } : { status: 412, fields };
  }
  return { status: 200, fields: [["Content-Type", "application/json"], ...fields], body: bytes };
}
