/**
 * Runs the measurements, each a program of its own, one after the other.
 *
 *     deno task bench            all of them
 *     deno task bench http …     those whose names begin so
 */

/** The programs, in order. */
const MEASUREMENTS = [
  "programs/server",
  "programs/server_images",
  "programs/client",
  "http/parser",
  "http/throughput",
  "http/idle",
  "http/latency",
  "accounts/json",
  "accounts/postgres",
  "picture/quality",
  "picture/dither",
  "picture/speed",
  "picture/corpus",
];

const wanted = Deno.args.length === 0
  ? MEASUREMENTS
  : MEASUREMENTS.filter((name) =>
    Deno.args.some((start) => name.startsWith(start) || name.split("/")[1].startsWith(start))
  );
if (wanted.length === 0) {
  console.error(`Nothing of that name. There are: ${MEASUREMENTS.join(", ")}`);
  Deno.exit(2);
}

let failed = false;
for (const name of wanted) {
  const program = new URL(`./${name}.ts`, import.meta.url);
  console.log(`\n## ${name}`);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", program.pathname],
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) {
    console.error(`${name} failed.`);
    failed = true;
  }
}
Deno.exit(failed ? 1 : 0);
