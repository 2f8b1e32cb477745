/** The endpoints: what each request needs, who serves it, and what becomes of errors. */
import {
  type AccountService,
  type Requester,
  RequesterGone,
  StoreUnavailable,
  TooBusy,
} from "../accounts/mod.ts";
import {
  type Handler,
  HttpError,
  PreparedResponse,
  type Request,
  type Response,
} from "../http/mod.ts";
import {
  challenge,
  FORBIDDEN,
  loginResponse,
  logoutResponse,
  passwordResponse,
  privilegeResponse,
  readCredentials,
  readPasswordChange,
  readRegistration,
  registrationResponse,
  sessionResponse,
} from "./account_messages.ts";
import { requestCookie } from "./cookies.ts";
import { HeaderRules, isCrossSite, NO_STORE } from "./header_rules.ts";
import { ImageUnavailable } from "./images/image_file.ts";
import { imageResponse } from "./images/image_response.ts";
import type { Image } from "./images/image_store.ts";
import { pageRoutes } from "./page/page.ts";
import { optionalBooleanMember, optionalTextMember, readJson } from "./json_body.ts";
import { listResponse, readListRequest } from "./listing/list_response.ts";
import { FolderUnavailable, type ListingThread } from "./listing/listing_thread.ts";
import { fixedResponse, makeRouter, textResponse } from "./router.ts";
import { parseFit } from "./thumbnails/fit.ts";
import { ScalingBusy } from "./thumbnails/scaling_queue.ts";
import type { Thumbnails } from "./thumbnails/thumbnails.ts";
import { TrustedProxies } from "./trusted_proxies.ts";

/** The parts that the endpoints use. */
export interface RoutesOptions {
  readonly accounts: AccountService;
  readonly images: {
    find(name: string): Image | null | Promise<Image | null>;
  };
  /** Serves `/list`; without it, the route does not exist. */
  readonly listing?: Pick<ListingThread, "page">;
  /** Whether the server itself uses TLS; cookies then carry `Secure`. */
  readonly secure: boolean;
  /** Proxies whose `X-Forwarded-*` fields are trusted (none). */
  readonly proxies?: TrustedProxies;
  /** See `HeaderRulesOptions` (null). */
  readonly hstsSeconds?: number | null;
  /** Tells `/health` whether the server can do its work (always). */
  readonly isHealthy?: () => Promise<boolean>;
  /** Scales images; without it, `fit` is ignored. */
  readonly thumbnails?: Pick<Thumbnails, "find">;
  /** Called when somebody is about to look at images: gets ready for lists and scaled images. */
  readonly prepare?: () => void;
  /** Whether to serve the web page (yes). */
  readonly page?: boolean;
  /** Receives the reason for a 503, which the client does not see. */
  readonly report?: (error: Error) => void;
}

// Responses to the key check, `HEAD /images`: no content, `Content-Length: 0`.
const LIVE_KEY = new PreparedResponse({ status: 200, fields: [NO_STORE] });
const DEAD_KEY = new PreparedResponse({ status: 401, fields: [NO_STORE, challenge("key")] });
const INVALID_KEY = fixedResponse(401, "INVALID_KEY", challenge("key"));
const IMAGE_NOT_FOUND = fixedResponse(404, "Image not found");
const FOLDER_NOT_FOUND = fixedResponse(404, "Folder not found");
const HEALTHY = fixedResponse(200, "OK");

/** Seconds after which a retry may succeed: a queue empties sooner than a disk is repaired. */
const BUSY_RETRY_SECONDS = 1;
const UNAVAILABLE_RETRY_SECONDS = 5;

function tryAgain(seconds: number): Response {
  return textResponse(503, "TRY_AGAIN", ["Retry-After", String(seconds)]);
}

/** Returns the handler of every endpoint. */
export function makeRoutes(options: RoutesOptions): Handler {
  const { accounts, images, thumbnails, report, proxies = new TrustedProxies([]) } = options;
  const rules = new HeaderRules({
    secure: options.secure,
    hstsSeconds: options.hstsSeconds ?? null,
    proxies,
  });
  const isSecure = (request: Request) => options.secure || proxies.saysSecure(request);

  /** Returns who asks for a password to be hashed, for the fair queue. */
  function requester(request: Request): Requester {
    return {
      address: proxies.clientOf(request),
      device: requestCookie(request.fields, "device"),
      signal: request.signal,
      inputEnded: () => request.inputEnded,
    };
  }

  async function register(request: Request): Promise<Response> {
    const { username, password } = readRegistration(request);
    request.note(username, null);
    return registrationResponse(await accounts.register(username, password, requester(request)));
  }

  async function logIn(request: Request): Promise<Response> {
    const { username, password } = readCredentials(request);
    request.note(username, null);
    const secure = isSecure(request);
    const login = await accounts.login(username, password, requester(request));
    return loginResponse(login, secure);
  }

  async function logOut(request: Request): Promise<Response> {
    const everywhere = optionalBooleanMember(readJson(request), "everywhere") ?? false;
    const session = requestCookie(request.fields, "session");
    const secure = isSecure(request);
    const username = await accounts.logout(session, everywhere);
    request.note(username, null);
    return logoutResponse(username !== null, everywhere, secure);
  }

  async function changePassword(request: Request): Promise<Response> {
    const { username, password, newPassword } = readPasswordChange(request);
    request.note(username, null);
    const secure = isSecure(request);
    const change = await accounts.changePassword(
      username,
      password,
      newPassword,
      requester(request),
    );
    return passwordResponse(change, secure);
  }

  async function showSession(request: Request): Promise<Response> {
    const session = requestCookie(request.fields, "session");
    const info = await accounts.session(session);
    request.note(info?.username ?? null, null);
    return sessionResponse(info);
  }

  async function raise(request: Request): Promise<Response> {
    const username = optionalTextMember(readJson(request), "username");
    const session = requestCookie(request.fields, "session");
    const secure = isSecure(request);
    const raised = await accounts.raisePrivilege(session, username);
    if (raised.result !== "login-required") request.note(raised.username, null);
    if ("key" in raised) options.prepare?.();
    return privilegeResponse(raised, secure);
  }

  async function health(): Promise<Response> {
    const isHealthy = options.isHealthy === undefined || await options.isHealthy();
    return isHealthy ? HEALTHY : tryAgain(UNAVAILABLE_RETRY_SECONDS);
  }

  // From here on nothing is async: a key check and a cached image cost no promise.

  function checkKey(request: Request): Response | Promise<Response> {
    const key = requestCookie(request.fields, "key");
    if (key === null) return DEAD_KEY;
    const username = optionalTextMember(readJson(request), "username");
    const holder = accounts.verifyKey(key, username);
    return holder instanceof Promise
      ? holder.then((holder) => keyResponse(request, holder))
      : keyResponse(request, holder);
  }

  /** With an image's name in the query, responds as GET would; without one, checks the key. */
  function head(request: Request): Response | Promise<Response> {
    const isBare = request.target === request.path || !request.query.has("url");
    return isBare ? checkKey(request) : sendImage(request);
  }

  function sendImage(request: Request): Response | Promise<Response> {
    const key = requestCookie(request.fields, "key");
    if (key === null) return INVALID_KEY;
    const holder = accounts.verifyKey(key);
    return holder instanceof Promise
      ? holder.then((holder) => findImage(request, holder))
      : findImage(request, holder);
  }

  function findImage(request: Request, holder: string | null): Response | Promise<Response> {
    if (holder === null) return INVALID_KEY;
    const body = readJson(request);
    const name = optionalTextMember(body, "url") ?? request.query.get("url");
    request.note(holder, name);
    if (name === null) throw new HttpError(400, `"url" is missing`);
    const fit = optionalTextMember(body, "fit") ?? queryParameter(request, "fit");
    const box = fit === null ? null : parseFit(fit);
    const image = images.find(name);
    return image instanceof Promise
      ? image.then((image) => foundResponse(request, image, name, box))
      : foundResponse(request, image, name, box);
  }

  /**
   * @param box side of the square that the image is scaled to fit, pixels; null for the original
   */
  function foundResponse(
    request: Request,
    image: Image | null,
    name: string,
    box: number | null,
  ): Response | Promise<Response> {
    if (image === null) return IMAGE_NOT_FOUND;
    if (box === null || thumbnails === undefined) return imageResponse(request, image);
    const scaled = thumbnails.find(image, {
      name,
      box,
      noneMatch: request.fields.get("if-none-match"),
      requester: () => requester(request),
    });
    return scaled instanceof Promise
      ? scaled.then((scaled) => imageResponse(request, scaled))
      : imageResponse(request, scaled);
  }

  async function list(request: Request): Promise<Response> {
    const key = requestCookie(request.fields, "key");
    const holder = key === null ? null : await accounts.verifyKey(key);
    if (holder === null) return INVALID_KEY;
    const wanted = readListRequest(request);
    request.note(holder, wanted.folder);
    const listing = options.listing!.page(wanted);
    options.prepare?.();
    const page = await listing;
    return page === null ? FOLDER_NOT_FOUND : listResponse(request, page);
  }

  /** Returns the response to an expected error; rethrows any other. */
  function failureResponse(error: unknown): Response {
    if (error instanceof HttpError) {
      return textResponse(error.status, error.message, ...error.fields);
    }
    if (
      error instanceof TooBusy || error instanceof ScalingBusy || error instanceof RequesterGone
    ) {
      return tryAgain(BUSY_RETRY_SECONDS);
    }
    if (
      error instanceof ImageUnavailable || error instanceof FolderUnavailable ||
      error instanceof StoreUnavailable
    ) {
      report?.(error);
      return tryAgain(UNAVAILABLE_RETRY_SECONDS);
    }
    throw error;
  }

  const route = makeRouter({
    "/register": { POST: register },
    "/login": { POST: logIn },
    "/logout": { POST: logOut },
    "/password": { PUT: changePassword },
    "/session": { GET: showSession, HEAD: showSession },
    "/privilege": { PUT: raise, POST: raise },
    "/images": { GET: sendImage, HEAD: head, POST: sendImage },
    "/health": { GET: health, HEAD: health },
    ...(options.listing === undefined ? {} : { "/list": { GET: list, HEAD: list, POST: list } }),
    ...(options.page === false ? {} : pageRoutes(isSecure)),
  });

  return (request) => {
    if (proxies.trusts(request.peer)) request.noteClient(proxies.clientOf(request));
    try {
      if (isCrossSite(request, proxies)) return rules.apply(request, FORBIDDEN);
      const response = route(request);
      return response instanceof Promise
        ? response.catch(failureResponse).then((response) => rules.apply(request, response))
        : rules.apply(request, response);
    } catch (error) {
      return rules.apply(request, failureResponse(error));
    }
  };
}

function keyResponse(request: Request, holder: string | null): Response {
  request.note(holder, null);
  return holder === null ? DEAD_KEY : LIVE_KEY;
}

/** Returns a query parameter or null; does not parse if there is no query. */
function queryParameter(request: Request, name: string): string | null {
  return request.target === request.path ? null : request.query.get(name);
}
