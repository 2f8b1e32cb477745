/**
 * The endpoints of `admin.sock`. There is no login: whoever can open the socket may do everything.
 *
 * | request                                    | response                                          |
 * | ------------------------------------------ | ------------------------------------------------- |
 * | `GET /users`                               | 200, a JSON array of `ListedUser`                 |
 * | `GET /user?username=…`                     | 200 or 404 `NO_SUCH_USER`                         |
 * | `POST /remove` `{"username"}`              | 200 or 404                                        |
 * | `PUT /password` `{"username", "password"}` | 200, 404, or 400 with the reason                  |
 * | `POST /revoke` `{"username"}`              | 200 or 404                                        |
 * | `POST /import` and a `users.json`          | 200, an `ImportResult`, or 400 with the reason    |
 *
 * Each may return 503 with the reason.
 */
import { type Administration, StoreUnavailable, UnfitUsers } from "../../accounts/mod.ts";
import { type Handler, HttpError, type Request, type Response } from "../../http/mod.ts";
import { NO_STORE } from "../header_rules.ts";
import { readJson, textMember } from "../json_body.ts";
import { makeRouter, textResponse } from "../router.ts";

/** The text of a 404 for an unknown user, as opposed to an unknown path. */
export const NO_SUCH_USER = "NO_SUCH_USER";

/** Returns the handler of all endpoints. */
export function makeAdminRoutes(administration: Administration): Handler {
  async function list(): Promise<Response> {
    return jsonResponse(await administration.list());
  }

  function find(request: Request): Promise<Response> {
    const username = request.query.get("username");
    if (username === null) throw new HttpError(400, `"username" is missing`);
    return doneResponse(administration.has(username));
  }

  function remove(request: Request): Promise<Response> {
    return doneResponse(administration.remove(usernameOf(request)));
  }

  function changePassword(request: Request): Promise<Response> {
    const password = textMember(readJson(request), "password");
    return doneResponse(administration.changePassword(usernameOf(request), password));
  }

  function revoke(request: Request): Promise<Response> {
    return doneResponse(administration.revoke(usernameOf(request)));
  }

  async function importUsers(request: Request): Promise<Response> {
    return jsonResponse(await administration.import(request.body));
  }

  const route = makeRouter({
    "/users": { GET: list },
    "/user": { GET: find },
    "/remove": { POST: remove },
    "/password": { PUT: changePassword },
    "/revoke": { POST: revoke },
    "/import": { POST: importUsers },
  });

  return async (request) => {
    // Tells these lines of the log from those of clients.
    request.noteClient("admin.sock");
    try {
      return await route(request);
    } catch (error) {
      if (error instanceof UnfitUsers) return textResponse(400, error.message);
      if (error instanceof StoreUnavailable) return textResponse(503, error.message);
      throw error;
    }
  };
}

/** Returns the user that a request names, and notes it for the log. @throws {HttpError} 400 */
function usernameOf(request: Request): string {
  const username = textMember(readJson(request), "username");
  request.note(null, username);
  return username;
}

async function doneResponse(done: Promise<boolean>): Promise<Response> {
  return await done ? textResponse(200, "DONE") : textResponse(404, NO_SUCH_USER);
}

function jsonResponse(value: unknown): Response {
  const fields = [["Content-Type", "application/json"], NO_STORE] as const;
  return { status: 200, fields, body: JSON.stringify(value) };
}
