/**
 * The Worker that makes lists: reading, sorting and encoding take their time here, while the
 * server's own thread goes on serving.
 *
 * @module
 */
import { CurrentFolder } from "./current_folder.ts";
import { equivalentName } from "./equivalent_name.ts";
import { FolderIndex } from "./folder_index.ts";
import { ImageHeaders } from "./image_headers.ts";
import { encodePage, type ListBody } from "./list_body.ts";
import { Listing, type ListPage } from "./listing.ts";
import type { ListingMessage, ListingOrder, ListingStart } from "./listing_thread.ts";

/** The Worker's side of its channel; the DOM types that declare it are not loaded. */
const channel = globalThis as unknown as {
  onmessage: ((event: MessageEvent<ListingStart | ListingOrder>) => void) | null;
  postMessage(message: ListingMessage): void;
};

/** The encoded form of pages that are kept, so that each is encoded once. */
const bodies = new WeakMap<ListPage, ListBody>();

/** The first message is what all orders have in common. */
channel.onmessage = ({ data }) => {
  const { root, current } = data as ListingStart;
  const index = new FolderIndex(root, { current: new CurrentFolder(current) });
  const listing = new Listing(index, new ImageHeaders(root));
  channel.onmessage = ({ data }) => reply(index, listing, data as ListingOrder);
  channel.postMessage("started");
};

async function reply(index: FolderIndex, listing: Listing, order: ListingOrder): Promise<void> {
  const { id } = order;
  index.avoid(order.avoid);
  try {
    if (order.kind === "equivalent-name") {
      return channel.postMessage({ id, result: equivalentName(index, order.name) });
    }
    const page = await listing.page(order.request, order.asked);
    channel.postMessage({ id, result: page === null ? null : bodyOf(page) });
  } catch (error) {
    channel.postMessage({ id, error: String(error) });
  }
}

function bodyOf(page: ListPage): ListBody {
  const body = bodies.get(page) ?? encodePage(page);
  bodies.set(page, body);
  return body;
}
