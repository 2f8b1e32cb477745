/** Opens the listening socket. */
import { StartError, systemReason } from "../failure.ts";
import type { ServeOptions } from "../options.ts";

/**
 * Opens the socket that the options name. Without a host, it listens on all interfaces: IPv6 and
 * IPv4 through one socket, or IPv4 only if the system has no IPv6.
 *
 * @throws {StartError} if the port is in use or not permitted
 */
export function openListener({ host, port }: ServeOptions): Deno.TcpListener {
  try {
    if (host !== null) return Deno.listen({ hostname: host, port });
    // A socket on :: also accepts IPv4, except on Windows by default.
    if (Deno.build.os === "windows") return Deno.listen({ hostname: "0.0.0.0", port });
    try {
      return Deno.listen({ hostname: "::", port });
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) throw error;
      return Deno.listen({ hostname: "0.0.0.0", port });
    }
  } catch (error) {
    throw startError(error, host, port);
  }
}

const NOT_PERMITTED = [Deno.errors.PermissionDenied, Deno.errors.NotCapable];

function startError(error: unknown, host: string | null, port: number): StartError {
  const where = host === null ? `port ${port}` : `${host} port ${port}`;
  if (error instanceof Deno.errors.AddrInUse) {
    return new StartError(`Another program already listens on ${where}.`);
  }
  if (NOT_PERMITTED.some((type) => error instanceof type)) {
    return new StartError(`Listening on ${where} is not permitted.`);
  }
  return new StartError(`Listening on ${where} is not possible: ${systemReason(error)}.`);
}
