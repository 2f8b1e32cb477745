/**
 * The Worker that makes lists: reading, sorting and encoding take their time here, while the
 * server's own thread goes on serving.
 *
 * @module
 */
import { equivalentName } from "./equivalent_name.ts";
import { FolderIndex } from "./folder_index.ts";
import { ImageHeaders } from "./image_headers.ts";
import { encodePage, type ListBody } from "./list_body.ts";
import { Listing } from "./listing.ts";
import type { ListingOrder, ListingReply } from "./listing_thread.ts";

/** The Worker's side of its channel; the DOM types that declare it are not loaded. */
const channel = globalThis as unknown as {
  onmessage: ((event: MessageEvent<string | ListingOrder>) => void) | null;
  postMessage(message: ListingReply, transfer?: Transferable[]): void;
};

/** The first message is the path of the images directory. */
channel.onmessage = ({ data: root }) => {
  const index = new FolderIndex(root as string);
  const listing = new Listing(index, new ImageHeaders(root as string));
  channel.onmessage = ({ data }) => reply(index, listing, data as ListingOrder);
};

async function reply(index: FolderIndex, listing: Listing, order: ListingOrder): Promise<void> {
  const { id } = order;
  try {
    if (order.kind === "equivalent-name") {
      return channel.postMessage({ id, result: equivalentName(index, order.name) });
    }
    const page = await listing.page(order.request, order.asked);
    const result: ListBody | null = page === null ? null : encodePage(page);
    channel.postMessage({ id, result }, result === null ? [] : [result.bytes.buffer]);
  } catch (error) {
    channel.postMessage({ id, error: String(error) });
  }
}
