/** The server's endpoints, as the page calls them. URLs are relative to the page's own. */

/** Who is logged in. Times are Unix seconds by this device's clock. */
export interface Session {
  readonly username: string;
  readonly expires: number;
  /** When the key ends; null without a live key. */
  readonly key_expires: number | null;
}

/** A folder in a list. */
export interface ListedFolder {
  readonly name: string;
  /** How many images are directly in it; null where the server does not know yet. */
  readonly images: number | null;
}

/** An image in a list; `width` and `height` are those of the upright picture, null if unknown. */
export interface ListedImage {
  readonly url: string;
  readonly type: string;
  readonly bytes: number;
  readonly modified: number;
  readonly width: number | null;
  readonly height: number | null;
}

/** One page of a folder. */
export interface List {
  readonly folder: string;
  readonly folders: readonly ListedFolder[];
  readonly images: readonly ListedImage[];
  readonly next: string | null;
}

/** A response other than the one hoped for; status 0 where none came. */
export class Refused extends Error {
  override readonly name = "Refused";

  /**
   * @param status the status code, 0 without a response
   * @param text the content: a token such as `LOGIN_FAILED`, or the reason
   * @param retryAfter seconds of `Retry-After`, 0 without it
   */
  constructor(readonly status: number, readonly text: string, readonly retryAfter: number) {
    super(text);
  }
}

async function call(
  method: string,
  path: string,
  content?: Record<string, unknown>,
  signal?: AbortSignal,
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      body: content === undefined ? null : JSON.stringify(content),
      cache: "no-cache",
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refused(0, "", 0);
  }
  if (response.ok) return response;
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  throw new Refused(response.status, (await response.text()).slice(0, 500), retryAfter);
}

/**
 * Who is logged in, or null. The key counts only if this browser has it: one that the user got on another
 * device, or before logging out here, comes with `raisePrivilege`.
 *
 * @throws {Refused}
 */
export async function fetchSession(): Promise<Session | null> {
  let response: Response;
  try {
    response = await call("GET", "session");
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return null;
    throw error;
  }
  const session: Session = await response.json();
  if (session.key_expires === null) return session;
  if (!await isKeyLive()) return { ...session, key_expires: null };
  return { ...session, key_expires: session.key_expires + clockOffset(response) };
}

/** How far this device's clock is ahead of the server's, seconds. */
function clockOffset(response: Response): number {
  const date = Date.parse(response.headers.get("Date") ?? "");
  return Number.isNaN(date) ? 0 : (Date.now() - date) / 1000;
}

/** Registers a user. @throws {Refused} */
export async function register(username: string, password: string): Promise<void> {
  await call("POST", "register", { username, password });
}

/** Logs in; the browser keeps the cookie. @throws {Refused} */
export async function logIn(username: string, password: string): Promise<void> {
  await call("POST", "login", { username, password });
}

/** Raises the privilege. A key that is live already is as good (409). @throws {Refused} */
export async function raisePrivilege(): Promise<void> {
  try {
    await call("PUT", "privilege", {});
  } catch (error) {
    if (!(error instanceof Refused && error.status === 409)) throw error;
  }
}

/** Ends this session. One that has ended already is as good (401). @throws {Refused} */
export async function logOut(): Promise<void> {
  try {
    await call("POST", "logout", {});
  } catch (error) {
    if (!(error instanceof Refused && error.status === 401)) throw error;
  }
}

/** Changes a password, which ends every session of the user. @throws {Refused} */
export async function changePassword(
  username: string,
  password: string,
  newPassword: string,
): Promise<void> {
  await call("PUT", "password", { username, password, new_password: newPassword });
}

/** Fetches a page of a folder; `after` is the last page's `next`. @throws {Refused} */
export async function fetchList(
  folder: string,
  after: string | null,
  signal: AbortSignal,
): Promise<List> {
  const query = new URLSearchParams({ folder });
  if (after !== null) query.set("after", after);
  return await (await call("GET", `list?${query}`, undefined, signal)).json();
}

/** Whether this browser has a key that is still good. @throws {Refused} */
export async function isKeyLive(): Promise<boolean> {
  try {
    await call("HEAD", "images");
    return true;
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return false;
    throw error;
  }
}

/** The boxes that the server scales to, pixels. */
const STEPS = [160, 320, 640, 1280, 2560] as const;

/** The smallest step that covers `pixels`, or the largest there is. */
export function stepFor(pixels: number): number {
  return STEPS.find((step) => step >= pixels) ?? STEPS[STEPS.length - 1];
}

/** The address of an image, scaled to a step or, without one, the original. */
export function imageAddress(url: string, step?: number): string {
  const query = new URLSearchParams({ url });
  if (step !== undefined) query.set("fit", `${step}x${step}`);
  return `images?${query}`;
}

/** The size that an image has when it is scaled to a step: never larger than it is. */
export function scaledSize(
  { width, height }: { readonly width: number; readonly height: number },
  step: number,
): { readonly width: number; readonly height: number } {
  const factor = Math.min(1, step / Math.max(width, height));
  return {
    width: Math.max(1, Math.round(width * factor)),
    height: Math.max(1, Math.round(height * factor)),
  };
}
