/**
 * Passwords as scrypt hashes (RFC 7914) in the PHC string format,
 * `$scrypt$ln=14,r=8,p=5$salt$hash`.
 */
import { createHash, randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** The cost of one scrypt hash: N = 2^ln, block size r, parallelism p; 128·N·r bytes of memory. */
export interface ScryptCost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/**
 * The cost of new hashes: the line of the OWASP Password Storage Cheat Sheet with 16 MiB. Its lines are
 * equally strong; this one is the quickest where several are computed at once, as when many people
 * log in: 0.8 of the time of the line with 32 MiB, 0.5 of that with 128 MiB.
 */
export const RECOMMENDED_COST: ScryptCost = { ln: 14, r: 8, p: 5 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** What one hash in a stored string may demand at most: memory, and memory times passes. */
const MEMORY_LIMIT = 256 * 1024 * 1024;
const WORK_LIMIT = 4 * MEMORY_LIMIT;

/** A PHC string taken apart. */
export interface StoredHash {
  readonly cost: ScryptCost;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

// Unpadded base64 in its one canonical form: the bits of the last character that mean nothing are
// zero.
const BASE64 = "((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048])?)";
const PHC = new RegExp(
  `^\\$scrypt\\$ln=([1-9]\\d?),r=([1-9]\\d{0,2}),p=([1-9]\\d{0,2})\\$${BASE64}\\$${BASE64}$`,
);

/** Lengths of salt and hash that are read, in characters of base64: 8–64 and 16–64 bytes. */
const [SHORTEST_SALT, SHORTEST_HASH, LONGEST] = [11, 22, 86];

/**
 * Whether `text` is a PHC string that `parseHash` reads. Strict, because a hand-edited file must
 * not make a login allocate gigabytes: parameters in canonical decimal and in this order, at most
 * 256 MiB and four times that in passes, salt of 8–64 and hash of 16–64 bytes in canonical unpadded
 * base64.
 */
export function isHash(text: string): boolean {
  const match = PHC.exec(text);
  if (match === null) return false;
  const memory = 128 * 2 ** Number(match[1]) * Number(match[2]);
  if (memory > MEMORY_LIMIT || memory * Number(match[3]) > WORK_LIMIT) return false;
  const [salt, hash] = [match[4].length, match[5].length];
  return salt >= SHORTEST_SALT && salt <= LONGEST && hash >= SHORTEST_HASH && hash <= LONGEST;
}

/** Takes a PHC string apart; null where `text` is none. */
export function parseHash(text: string): StoredHash | null {
  if (!isHash(text)) return null;
  const [, , parameters, salt, hash] = text.split("$");
  const [ln, r, p] = parameters.split(",").map((parameter) => Number(parameter.split("=")[1]));
  return { cost: { ln, r, p }, salt: decode(salt), hash: decode(hash) };
}

/** What a password hash of a kind that this program cannot check looks like, whole. */
const OTHER_HASHES: readonly RegExp[] = [
  // PHC strings and what resembles them, of any parameters: scrypt, argon2, pbkdf2, bcrypt.
  /^\$(?:scrypt|argon2(?:i|d|id)?|pbkdf2[a-z0-9-]*|bcrypt[a-z0-9-]*)\$[!-~]*\$?[!-~]*$/,
  // bcrypt; crypt(3) with MD5, SHA-256, SHA-512, SHA-1; yescrypt, gost-yescrypt, scrypt.
  /^\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}$/,
  /^\$(?:1|apr1)\$[./A-Za-z0-9]{0,8}\$[./A-Za-z0-9]{22}$/,
  /^\$5\$(?:rounds=\d+\$)?[^$\s]{0,16}\$[./A-Za-z0-9]{43}$/,
  /^\$6\$(?:rounds=\d+\$)?[^$\s]{0,16}\$[./A-Za-z0-9]{86}$/,
  /^\$sha1\$\d+\$[./A-Za-z0-9]{1,64}\$[./A-Za-z0-9]{28}$/,
  /^\$(?:y|gy|7)\$[./A-Za-z0-9]+\$(?:[./A-Za-z0-9]{0,86}\$)?[./A-Za-z0-9]{43}$/,
  // LDAP (RFC 2307 and its successors).
  /^\{(?:S?SHA(?:224|256|384|512)?|S?MD5|SMD5)\}[A-Za-z0-9+/]{22,}={0,2}$/i,
  /^\{(?:CRYPT|BCRYPT|ARGON2|SCRYPT|PBKDF2[A-Z0-9-]*)\}[!-~]{13,}$/i,
  // Django and Werkzeug.
  /^pbkdf2_sha(?:1|256)\$\d+\$[^$\s]+\$[A-Za-z0-9+/]{27,}={0,2}$/,
  /^bcrypt(?:_sha256)?\$\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}$/,
  /^argon2\$argon2(?:i|d|id)\$[!-~]+$/,
  /^(?:scrypt:\d+:\d+:\d+|pbkdf2:[a-z0-9]+:\d+)\$[^$\s]+\$[0-9a-f]{40,}$/,
];

/**
 * Whether a stored `pw` is a password hash of any known kind rather than plain text. By the whole
 * pattern: a plain password may begin like one.
 */
export function looksLikeHash(pw: string): boolean {
  return OTHER_HASHES.some((pattern) => pattern.test(pw));
}

/** Puts a hash into the form it is stored in. */
export function formatHash({ cost, salt, hash }: StoredHash): string {
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${encode(salt)}$${encode(hash)}`;
}

/** Hashes a password with a fresh salt; resolves with the PHC string. Runs on another thread. */
export async function hashPassword(password: string, cost: ScryptCost): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return formatHash({ cost, salt, hash: await derive(password, salt, HASH_BYTES, cost) });
}

/**
 * Whether `password` is the one that was hashed. Compares in constant time; runs on another thread.
 */
export async function matchesHash(password: string, stored: StoredHash): Promise<boolean> {
  const hash = await derive(password, stored.salt, stored.hash.length, stored.cost);
  return timingSafeEqual(hash, stored.hash);
}

/**
 * A hash that no password is known to match and that takes as long to compare as any: what an
 * unknown user is held against. It is not computed, only random, so that making it costs no
 * start-up time.
 */
export function makeDecoy(cost: ScryptCost): StoredHash {
  return { cost, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };
}

/** Whether two texts are equal, in a time that tells nothing of where they differ. */
export function equalText(a: string, b: string): boolean {
  return timingSafeEqual(
    createHash("sha256").update(a).digest(),
    createHash("sha256").update(b).digest(),
  );
}

/** Whether a hash of cost `a` is cheaper to attack than one of cost `b`. */
export function isWeaker(a: ScryptCost, b: ScryptCost): boolean {
  return 2 ** a.ln * a.r * a.p < 2 ** b.ln * b.r * b.p;
}

function derive(
  password: string,
  salt: Uint8Array,
  length: number,
  { ln, r, p }: ScryptCost,
): Promise<Uint8Array> {
  const N = 2 ** ln;
  // node's own limit is 32 MiB; ours was checked when the string was parsed.
  const maxmem = 128 * r * (N + p + 2);
  return new Promise((resolve, reject) =>
    scrypt(password, salt, length, { N, r, p, maxmem }, (error, key) => {
      if (error) reject(error);
      else resolve(key!);
    })
  );
}

function encode(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");
}

function decode(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
