/** What the server prints at its start: its URLs, where its files are, and how to stop it. */
import { resolve } from "@std/path";
import { parseAddress } from "../text/ip_address.ts";
import type { Survey } from "./images/survey.ts";
import type { ServeOptions } from "./options.ts";

/** An address of this machine. */
export interface InterfaceAddress {
  readonly family: "IPv4" | "IPv6";
  readonly address: string;
}

/**
 * Returns the addresses of this machine's interfaces, or an empty list if the system does not
 * reveal them.
 */
export function interfaceAddresses(): InterfaceAddress[] {
  try {
    return Deno.networkInterfaces();
  } catch {
    return [];
  }
}

/** Matches loopback addresses, and those that need a zone (`fe80::1%eth0`), which URLs cannot hold. */
const LOCAL_ADDRESS = /^(?:127\.|::1$|fe[89ab])/i;

/**
 * Returns the URLs at which the server can be opened.
 *
 * @param host the address it listens on, or null for all
 * @param interfaces the machine's addresses, also those that others cannot reach
 */
export function openUrls(
  { host, tls }: Pick<ServeOptions, "host" | "tls">,
  port: number,
  interfaces: readonly InterfaceAddress[],
): string[] {
  const url = (name: string) => {
    const inUrl = name.includes(":") ? `[${name}]` : name;
    return `${tls === null ? "http" : "https"}://${inUrl}:${port}/`;
  };
  const isEvery = host === null || /^(?:0\.0\.0\.0|[0:]+)$/.test(host);
  if (!isEvery) return [url(host)];
  const hasIpv6 = host !== "0.0.0.0";
  const reached = interfaces.filter(({ address, family }) =>
    parseAddress(address) !== null && !LOCAL_ADDRESS.test(address) &&
    (family === "IPv4" || hasIpv6)
  );
  return ["localhost", ...new Set(reached.map(({ address }) => address))].map(url);
}

/** Returns the lines that follow "Server started at …". */
export function startReport(
  options: ServeOptions,
  port: number,
  interfaces: readonly InterfaceAddress[] = interfaceAddresses(),
): string {
  const [first, ...others] = openUrls(options, port, interfaces);
  const rows = [
    ["Open", first],
    ...others.map((url) => ["", url]),
    ["Data", resolve(options.dataDirectory)],
    ["Images", resolve(options.imagesDirectory)],
    // The URL of a database may hold a password.
    ["Users", options.users === null ? "users.json in the data directory" : "in PostgreSQL"],
    ["Stop", "Ctrl-C"],
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(8)}${value}\n`).join("");
}

/** Returns the lines of the log that say what is served, and what is not because of its name. */
export function surveyLines(survey: Survey, users: number): string[] {
  const { images, folders, isPartial, refused, refusedNames } = survey;
  const some = isPartial ? "more than " : "";
  const lines = [
    `serving ${some}${counted(images, "image")} in ${counted(folders + 1, "folder")} to ` +
    counted(users, "user"),
  ];
  if (refused > 0) {
    const more = refused - refusedNames.length;
    const names = refusedNames.map((name) => `"${name}"`).join(", ");
    lines.push(
      `warning: not served, because Windows does not allow such names: ${names}` +
        (more > 0 ? ` and ${more} more` : ""),
    );
  }
  return lines;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
