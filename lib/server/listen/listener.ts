/** The listening socket. */
import { StartError, systemReason } from "../failure.ts";
import type { ServeOptions } from "../options.ts";

/**
 * Opens the socket that the options ask for: without a host, on every interface, IPv6 and IPv4 through
 * one socket, or IPv4 alone where the system has no IPv6.
 *
 * @throws StartError where the port is taken or not permitted
 */
export function openListener({ host, port }: ServeOptions): Deno.TcpListener {
  try {
    if (host !== null) return Deno.listen({ hostname: host, port });
    // A socket on :: accepts IPv4 too, except on Windows, where the two are apart by default.
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

function startError(error: unknown, host: string | null, port: number): StartError {
  const where = host === null ? `port ${port}` : `${host} port ${port}`;
  if (error instanceof Deno.errors.AddrInUse) {
    return new StartError(`Another program already listens on ${where}.`);
  }
  if (
    error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable
  ) {
    return new StartError(`Listening on ${where} is not permitted.`);
  }
  return new StartError(`Listening on ${where} is not possible: ${systemReason(error)}.`);
}
