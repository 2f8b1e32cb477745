/** Writes events of the HTTP engine to the log. */
import type { Observer } from "../../http/mod.ts";
import { escapeForLog, type EventLog } from "./event_log.ts";
import type { ByteBuffer } from "./byte_buffer.ts";

/** Returns address and port in their usual form: `192.0.2.7:5000`, `[2001:db8::7]:5000`. */
function endpoint(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** `000` to `999`. */
const THOUSANDTHS = Array.from({ length: 1000 }, (_, number) => String(number).padStart(3, "0"));

/** Describes an error and its cause in one line, escaped. */
export function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return escapeForLog(String(error));
  const cause = error.cause instanceof Error
    ? ` (${error.cause.name}: ${error.cause.message})`
    : "";
  return escapeForLog(`${error.name}: ${error.message}${cause}`);
}

/** Appends ` "…"`, or ` -` for null. */
function quote(line: ByteBuffer, text: string | null): ByteBuffer {
  if (text === null) return line.text(" -");
  return line.text(' "').text(escapeForLog(text, '"')).text('"');
}

/** Options of `accessLog`. */
export interface AccessLogOptions {
  /** Whether to log when each connection opens and closes (false). */
  readonly connections?: boolean;
}

/**
 * Returns an observer that writes requests and errors to the log. The line of a request is
 *
 *     ADDRESS "USER" METHOD PATH "SUBJECT" STATUS BYTES bytes MILLISECONDS ms [aborted|stalled]
 *
 * with `-` for what is not known; `docs/http.md` explains each. A space in the path and a quotation
 * mark between quotation marks are escaped, so that a line can be split in one way only. The query,
 * header fields and content are left out: they may hold secrets.
 */
export function accessLog(log: EventLog, { connections = false }: AccessLogOptions = {}): Observer {
  const opensAndCloses: Observer = {
    opened(peer, port) {
      log.write(`${endpoint(peer, port)} connected`);
    },
    closed(peer, port) {
      log.write(`${endpoint(peer, port)} disconnected`);
    },
  };
  return {
    ...(connections ? opensAndCloses : {}),
    responded({ peer, user, method, path, subject, status, bodyBytes, milliseconds, outcome }) {
      const micros = Math.round(milliseconds * 1000);
      // Piece by piece, without a string for the whole line: it is written more often than all
      // others. A method is a token (RFC 9110 §5.6.2) and needs no escaping.
      const line = log.begin().text(peer);
      quote(line, user).text(" ").text(method).text(" ").text(escapeForLog(path, " "));
      quote(line, subject).text(" ");
      (status === 0 ? line.text("-") : line.number(status)).text(" ").number(bodyBytes)
        .text(" bytes ").number(Math.floor(micros / 1000)).text(".")
        .text(THOUSANDTHS[micros % 1000]).text(" ms");
      if (outcome !== "complete") line.text(" ").text(outcome);
      log.end();
    },
    failed(peer, error) {
      log.write(`${peer} error: ${describeFault(error)}`);
    },
  };
}
