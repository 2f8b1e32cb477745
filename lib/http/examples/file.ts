/** Streams one file, whole or in part: `deno run -A lib/http/examples/file.ts FILE 8000` */
import { evaluateConditions, formatHttpDate, parseRange, rangeApplies, serve } from "../mod.ts";

const [path, port = "8000"] = Deno.args;
const listener = Deno.listen({ port: Number(port) });
console.log(`http://localhost:${listener.addr.port}/`);
await serve(listener, async ({ method, fields }) => {
  const { size, mtime } = await Deno.stat(path);
  const lastModified = Math.floor(mtime!.getTime() / 1000);
  const state = { etag: `"${size}-${mtime!.getTime()}"`, lastModified };
  const headers: [string, string][] = [
    ["ETag", state.etag],
    ["Last-Modified", formatHttpDate(lastModified)],
    ["Accept-Ranges", "bytes"],
  ];
  const outcome = evaluateConditions(method, fields, state);
  if (outcome !== "proceed") return { status: outcome === "failed" ? 412 : 304, fields: headers };
  const field = method === "GET" && rangeApplies(fields, state) ? fields.get("range") : null;
  const range = field === null ? null : parseRange(field, size);
  if (range === "unsatisfiable") {
    return { status: 416, fields: [["Content-Range", `bytes */${size}`]] };
  }
  const { start, end } = range ?? { start: 0, end: size };
  if (range !== null) headers.push(["Content-Range", `bytes ${start}-${end - 1}/${size}`]);
  const file = await Deno.open(path);
  await file.seek(start, Deno.SeekMode.Start);
  const body = { length: end - start, read: file.read.bind(file), close: () => file.close() };
  return { status: range === null ? 200 : 206, fields: headers, body };
}).finished;
