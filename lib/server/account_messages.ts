/**
 * Messages about accounts: reads what requests carry, turns results into statuses, tokens and
 * cookies.
 */
import type {
  Login,
  PasswordChange,
  PrivilegeResult,
  Registration,
  SessionInfo,
} from "../accounts/mod.ts";
import { HttpError, type Request, type Response } from "../http/mod.ts";
import { type CookieName, expireCookie, setCookie } from "./cookies.ts";
import { readJson, textMember } from "./json_body.ts";
import { fixedResponse, textResponse } from "./router.ts";

/**
 * Returns `WWW-Authenticate` for a 401, which must name an authentication scheme (RFC 9110
 * §15.5.2), though cookies are not one (§11).
 */
export function challenge(cookie: "session" | "key"): readonly [string, string] {
  return ["WWW-Authenticate", `Cookie cookie-name="${cookie}"`];
}

/** The response to a request that its sender may not make. */
export const FORBIDDEN = fixedResponse(403, "FORBIDDEN");
const LOGIN_REQUIRED = fixedResponse(401, "LOGIN_REQUIRED", challenge("session"));
const LOGIN_FAILED = fixedResponse(401, "LOGIN_FAILED", challenge("session"));
const REGISTER_SUCCESS = fixedResponse(200, "REGISTER_SUCCESS");

/**
 * Makes a browser drop its cached images (Clear Site Data §3). For TLS only: elsewhere browsers
 * ignore it and log a complaint.
 */
const CLEAR_CACHE = ["Clear-Site-Data", '"cache"'] as const;

/** Reads username and password from a body. @throws {HttpError} 400 */
export function readCredentials(request: Request): { username: string; password: string } {
  const body = readJson(request);
  return { username: textMember(body, "username"), password: textMember(body, "password") };
}

/** Like `readCredentials`, with the token of a failed registration before the reason. */
export function readRegistration(request: Request): { username: string; password: string } {
  try {
    return readCredentials(request);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    throw new HttpError(error.status, `REGISTER_FAILED: ${error.message}`);
  }
}

/** Reads the body of `PUT /password`. @throws {HttpError} 400, with its token before the reason */
export function readPasswordChange(
  request: Request,
): { username: string; password: string; newPassword: string } {
  try {
    const newPassword = textMember(readJson(request), "new_password");
    return { ...readCredentials(request), newPassword };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    throw new HttpError(error.status, `PASSWORD_FAILED: ${error.message}`);
  }
}

/** Returns the response to a registration. */
export function registrationResponse(registration: Registration): Response {
  switch (registration.result) {
    case "registered":
      return REGISTER_SUCCESS;
    case "exists":
      return textResponse(400, "REGISTER_FAILED: User already exists");
    case "unacceptable":
      return textResponse(400, `REGISTER_FAILED: ${registration.reason}`);
  }
}

/** Returns the response to a login; a good one sets the cookies `session` and `device`. */
export function loginResponse(login: Login, secure: boolean): Response {
  switch (login.result) {
    case "in":
      return textResponse(
        200,
        "LOGIN_SUCCESS",
        setCookie("session", login.session, secure),
        setCookie("device", login.device, secure),
      );
    case "refused":
      return LOGIN_FAILED;
    case "throttled":
      return throttledResponse(login.retryAfterSeconds);
  }
}

function throttledResponse(seconds: number): Response {
  const retryAfter = String(Math.max(1, Math.ceil(seconds)));
  return textResponse(429, "TOO_MANY_ATTEMPTS", ["Retry-After", retryAfter]);
}

/** Expires the cookies in any case: a client whose session had ended before is logged out, too. */
export function logoutResponse(ended: boolean, everywhere: boolean, secure: boolean): Response {
  const cookies: CookieName[] = ended && everywhere
    ? ["session", "key", "device"]
    : ["session", "key"];
  const expired = cookies.map((name) => expireCookie(name, secure));
  return ended
    ? textResponse(200, "LOGOUT_SUCCESS", ...expired, ...(secure ? [CLEAR_CACHE] : []))
    : textResponse(401, "LOGIN_REQUIRED", challenge("session"), ...expired);
}

/** Returns the response to a change of the password, which expires all cookies. */
export function passwordResponse(change: PasswordChange, secure: boolean): Response {
  switch (change.result) {
    case "changed":
      return textResponse(
        200,
        "PASSWORD_CHANGED",
        ...(["session", "key", "device"] as const).map((name) => expireCookie(name, secure)),
      );
    case "unacceptable":
      return textResponse(400, `PASSWORD_FAILED: ${change.reason}`);
    case "refused":
      return LOGIN_FAILED;
    case "throttled":
      return throttledResponse(change.retryAfterSeconds);
  }
}

/** Returns a session as JSON, or 401 if it is null. */
export function sessionResponse(session: SessionInfo | null): Response {
  if (session === null) return LOGIN_REQUIRED;
  const { username, expires, keyExpires } = session;
  return {
    status: 200,
    fields: [["Content-Type", "application/json"]],
    body: JSON.stringify({ username, expires, key_expires: keyExpires }),
  };
}

/**
 * Returns the response to `/privilege`; the cookie `key` comes with it, also if the privilege was
 * raised before.
 */
export function privilegeResponse(raised: PrivilegeResult, secure: boolean): Response {
  switch (raised.result) {
    case "raised":
      return textResponse(200, "PRIVILEGE_CHANGED", setCookie("key", raised.key, secure));
    case "already":
      return textResponse(409, "PRIVILEGE_ALREADY_CHANGED", setCookie("key", raised.key, secure));
    case "login-required":
      return LOGIN_REQUIRED;
    case "forbidden":
      return FORBIDDEN;
  }
}
