/**
 * Passwords as scrypt hashes (RFC 7914) in the PHC string format,
 * `$scrypt$ln=14,r=8,p=5$salt$hash`.
 */
import { decodeBase64, encodeBase64 } from "@std/encoding/base64";
import { createHash, randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** The cost of one scrypt hash (RFC 7914 §2), which takes 128·2^ln·r bytes of memory. */
export interface ScryptCost {
  /** Base-2 logarithm of the CPU and memory cost N. */
  readonly ln: number;
  /** Block size. */
  readonly r: number;
  /** Parallelization; the passes are computed one after another. */
  readonly p: number;
}

/**
 * The cost of new hashes: the 16 MiB setting of the OWASP Password Storage Cheat Sheet. Its
 * settings are equally strong. This one is the fastest when several hashes run at once: it takes
 * 0.8 of the time of the 32 MiB setting and 0.5 of the 128 MiB setting.
 */
export const RECOMMENDED_COST: ScryptCost = { ln: 14, r: 8, p: 5 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Maximum memory of a stored hash, bytes. */
const MEMORY_LIMIT = 256 * 1024 * 1024;

/** Maximum memory times passes of a stored hash, bytes. */
const WORK_LIMIT = 4 * MEMORY_LIMIT;

/** A parsed PHC string. */
export interface StoredHash {
  readonly cost: ScryptCost;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

// Unpadded base64 in canonical form: the unused bits of the last character are zero (RFC 4648
// §3.5).
const BASE64 = "((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048])?)";
const PHC = new RegExp(
  `^\\$scrypt\\$ln=([1-9]\\d?),r=([1-9]\\d{0,2}),p=([1-9]\\d{0,2})\\$${BASE64}\\$${BASE64}$`,
);

/** Permitted lengths in base64 characters: salt 8–64 bytes, hash 16–64 bytes. */
const [SHORTEST_SALT, SHORTEST_HASH, LONGEST] = [11, 22, 86];

/**
 * Whether `text` is a PHC string that `parseHash` accepts: parameters in canonical decimal and in
 * this order, at most 256 MiB of memory and 1 GiB of memory times passes, salt of 8–64 and hash of
 * 16–64 bytes in canonical unpadded base64. Strict, so that a file edited by hand cannot make a
 * login allocate gigabytes.
 */
export function isHash(text: string): boolean {
  const match = PHC.exec(text);
  if (match === null) return false;
  const memory = 128 * 2 ** Number(match[1]) * Number(match[2]);
  if (memory > MEMORY_LIMIT || memory * Number(match[3]) > WORK_LIMIT) return false;
  const [salt, hash] = [match[4].length, match[5].length];
  return salt >= SHORTEST_SALT && salt <= LONGEST && hash >= SHORTEST_HASH && hash <= LONGEST;
}

/** Parses a PHC string; returns null if `isHash` is false for `text`. */
export function parseHash(text: string): StoredHash | null {
  if (!isHash(text)) return null;
  const [, , parameters, salt, hash] = text.split("$");
  const [ln, r, p] = parameters.split(",").map((parameter) => Number(parameter.split("=")[1]));
  return { cost: { ln, r, p }, salt: decodeBase64(salt), hash: decodeBase64(hash) };
}

/** Patterns of complete password hashes that this program cannot verify. */
const OTHER_HASHES: readonly RegExp[] = [
  // PHC strings and similar formats with any parameters: scrypt, argon2, pbkdf2, bcrypt.
  /^\$(?:scrypt|argon2(?:i|d|id)?|pbkdf2[a-z0-9-]*|bcrypt[a-z0-9-]*)\$[!-~]*\$?[!-~]*$/,
  // bcrypt; crypt(3) with MD5, SHA-256, SHA-512, SHA-1; yescrypt, gost-yescrypt, scrypt.
  /^\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}$/,
  /^\$(?:1|apr1)\$[./A-Za-z0-9]{0,8}\$[./A-Za-z0-9]{22}$/,
  /^\$5\$(?:rounds=\d+\$)?[^$\s]{0,16}\$[./A-Za-z0-9]{43}$/,
  /^\$6\$(?:rounds=\d+\$)?[^$\s]{0,16}\$[./A-Za-z0-9]{86}$/,
  /^\$sha1\$\d+\$[./A-Za-z0-9]{1,64}\$[./A-Za-z0-9]{28}$/,
  /^\$(?:y|gy|7)\$[./A-Za-z0-9]+\$(?:[./A-Za-z0-9]{0,86}\$)?[./A-Za-z0-9]{43}$/,
  // LDAP (RFC 2307 and later schemes).
  /^\{(?:S?SHA(?:224|256|384|512)?|S?MD5|SMD5)\}[A-Za-z0-9+/]{22,}={0,2}$/i,
  /^\{(?:CRYPT|BCRYPT|ARGON2|SCRYPT|PBKDF2[A-Z0-9-]*)\}[!-~]{13,}$/i,
  // Django and Werkzeug.
  /^pbkdf2_sha(?:1|256)\$\d+\$[^$\s]+\$[A-Za-z0-9+/]{27,}={0,2}$/,
  /^bcrypt(?:_sha256)?\$\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}$/,
  /^argon2\$argon2(?:i|d|id)\$[!-~]+$/,
  /^(?:scrypt:\d+:\d+:\d+|pbkdf2:[a-z0-9]+:\d+)\$[^$\s]+\$[0-9a-f]{40,}$/,
];

/**
 * Whether a stored `pw` is a password hash of a known format rather than plain text. The whole text
 * must match, because a plain password may begin like a hash.
 */
export function looksLikeHash(pw: string): boolean {
  return OTHER_HASHES.some((pattern) => pattern.test(pw));
}

/** Formats a hash as a PHC string. */
export function formatHash({ cost, salt, hash }: StoredHash): string {
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${encode(salt)}$${encode(hash)}`;
}

/** The operations that compute a hash. Tests substitute operations that count. */
export interface PasswordHasher {
  /** See `hashPassword`. */
  hashPassword(password: string, cost: ScryptCost): Promise<string>;
  /** See `matchesHash`. */
  matchesHash(password: string, stored: StoredHash): Promise<boolean>;
}

/** Hashes a password with a fresh salt, on another thread. Resolves with the PHC string. */
export async function hashPassword(password: string, cost: ScryptCost): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return formatHash({ cost, salt, hash: await derive(password, salt, HASH_BYTES, cost) });
}

/** Whether `password` matches the hash. Runs on another thread and compares in constant time. */
export async function matchesHash(password: string, stored: StoredHash): Promise<boolean> {
  const hash = await derive(password, stored.salt, stored.hash.length, stored.cost);
  return timingSafeEqual(hash, stored.hash);
}

/**
 * Returns a random hash that no known password matches. Checking it costs as much as checking a
 * real one, so a login of an unknown user takes as long as that of a known one. Random rather than
 * computed, to save start-up time.
 */
export function makeDecoy(cost: ScryptCost): StoredHash {
  return { cost, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };
}

/** Whether two texts are equal. The time does not reveal where they differ. */
export function equalText(a: string, b: string): boolean {
  return timingSafeEqual(
    createHash("sha256").update(a).digest(),
    createHash("sha256").update(b).digest(),
  );
}

/** Whether cost `a` is cheaper to attack than cost `b`. */
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
  // Replaces node's limit of 32 MiB; `parseHash` enforces `MEMORY_LIMIT`.
  const maxmem = 128 * r * (N + p + 2);
  return new Promise((resolve, reject) =>
    scrypt(password, salt, length, { N, r, p, maxmem }, (error, key) => {
      if (error) reject(error);
      else resolve(key!);
    })
  );
}

/** Encodes bytes in unpadded base64, as the PHC string format requires. */
function encode(bytes: Uint8Array): string {
  return encodeBase64(bytes).replace(/=+$/, "");
}
