import config from "../deno.json" with { type: "json" };

/** The version of both programs, as `--version` prints it; kept in `deno.json`. */
export const VERSION: string = config.version;
