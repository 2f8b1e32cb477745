/**
 * A client among others that keep images in one cache: `image_keeper.ts <folder> <url> <times>`.
 */
import { ImageCache } from "../../../lib/client/images/image_cache.ts";

const [folder, url, times] = Deno.args;
const cache = new ImageCache(folder);
// All begin at the same moment: when their input ends.
await Deno.stdin.read(new Uint8Array(1));
for (let i = 0; i < Number(times); i++) {
  const image = await cache.incoming("http://localhost:1", url);
  image.restart(null);
  await image.write(Uint8Array.of(i));
  await image.complete();
}
