/** A cost for fast tests. */
import type { ScryptCost } from "../../../lib/accounts/login/password_hash.ts";

/** A cost for tests that are not about hashing: the hashes are real, and made in microseconds. */
export const CHEAP: ScryptCost = { ln: 4, r: 1, p: 1 };
