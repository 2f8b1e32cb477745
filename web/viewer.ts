/** The viewer of a single picture: PhotoSwipe over the pictures of a folder. */
import PhotoSwipe, { type SlideData } from "photoswipe";
import { baseName } from "./address.ts";
import { messages } from "./language.ts";
import { imageAddress, type ListedImage, scaledSize, stepFor } from "./server.ts";

/** What a browser shows by itself; of all else there is only the scaled picture. */
const SHOWN_BY_BROWSERS = /^image\/(?:jpeg|png|gif|webp|avif|bmp|x-icon|vnd\.microsoft\.icon)$/;

/** What the page does when the viewer is used. */
export interface ViewerEvents {
  /** Another picture is shown. */
  moved(image: ListedImage): void;
  /** The viewer has closed on this picture. */
  closed(image: ListedImage): void;
  /** A picture could not be loaded; the key may have ended. */
  failed(): void;
}

/** An open viewer. */
export interface Viewer {
  /**
   * Shows a picture.
   *
   * @param images the folder's pictures, of which there may be more by now than when it was opened
   */
  goTo(url: string, images: readonly ListedImage[]): void;
  /** Closes it at once, without `closed`. */
  destroy(): void;
}

interface Slide extends SlideData {
  readonly listed: ListedImage;
  isOriginal: boolean;
}

/** A picture at the step that fits the screen; its original only on request. */
function slide(listed: ListedImage, isOriginal = false): Slide {
  const known = { width: listed.width ?? 1600, height: listed.height ?? 1200 };
  const step = stepFor(Math.max(screen.width, screen.height) * devicePixelRatio);
  const size = isOriginal ? known : scaledSize(known, step);
  return {
    listed,
    isOriginal,
    src: imageAddress(listed.url, isOriginal ? undefined : step),
    alt: baseName(listed.url),
    ...size,
  };
}

/** Opens the viewer on `images[index]`. */
export function openViewer(
  images: readonly ListedImage[],
  index: number,
  events: ViewerEvents,
): Viewer {
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const slides = images.map((image) => slide(image));
  const viewer = new PhotoSwipe({
    dataSource: slides,
    index,
    loop: false,
    bgOpacity: 1,
    // The picture shown and its two neighbours are decoded, no more.
    preload: [1, 1],
    wheelToZoom: true,
    returnFocus: false,
    // Moving on while an opening is animated leaves the next picture blank.
    showHideAnimationType: "none",
    zoomAnimationDuration: isStill ? false : 200,
    maxZoomLevel: 4,
    closeTitle: messages.close,
    zoomTitle: messages.zoom,
    arrowPrevTitle: messages.previous,
    arrowNextTitle: messages.next,
    errorMsg: messages.cannotShow,
  });
  const current = () => slides[viewer.currIndex].listed;

  viewer.on("uiRegister", () => registerControls(viewer, slides));
  viewer.on("firstUpdate", () => viewer.element?.setAttribute("aria-label", messages.viewer));
  viewer.on("change", () => events.moved(current()));
  viewer.on("loadError", () => events.failed());
  viewer.on("loadComplete", ({ content }) => {
    const data = content.data as Slide;
    const image = content.element;
    if (data.listed.width !== null || !(image instanceof HTMLImageElement)) return;
    // The server did not know the size: take it from the picture itself, once.
    if (data.width === image.naturalWidth && data.height === image.naturalHeight) return;
    data.width = data.w = image.naturalWidth;
    data.height = data.h = image.naturalHeight;
    viewer.refreshSlideContent(content.index);
  });
  let isDestroyed = false;
  viewer.on("destroy", () => {
    if (!isDestroyed) events.closed(current());
    isDestroyed = true;
  });
  viewer.init();
  return {
    goTo(url, images) {
      append(viewer, slides, images);
      if (url === current().url) return;
      const index = slides.findIndex(({ listed }) => listed.url === url);
      if (index >= 0) viewer.goTo(index);
    },
    destroy() {
      isDestroyed = true;
      viewer.destroy();
    },
  };
}

/** Adds the pictures that a list goes on with. In another order than by name they do not come last. */
function append(viewer: PhotoSwipe, slides: Slide[], images: readonly ListedImage[]): void {
  const length = slides.length;
  if (images.length <= length || images[length - 1].url !== slides[length - 1].listed.url) return;
  for (const image of images.slice(length)) slides.push(slide(image));
  // The place behind what was the last picture is no longer empty.
  viewer.refreshSlideContent(length);
}

function registerControls(viewer: PhotoSwipe, slides: Slide[]): void {
  viewer.ui?.registerElement({
    name: "caption",
    order: 6,
    appendTo: "bar",
    onInit(caption) {
      const show = () => caption.textContent = baseName(slides[viewer.currIndex].listed.url);
      caption.setAttribute("aria-live", "polite");
      viewer.on("change", show);
      show();
    },
  });
  viewer.ui?.registerElement({
    name: "original",
    order: 8,
    isButton: true,
    tagName: "button",
    title: messages.original,
    // "1:1" as a drawing: as text it would have to be part of the button's name (WCAG 2.5.3).
    html: {
      isCustomSVG: true,
      inner: '<path d="M8 10h3v12H8zm13 0h3v12h-3zm-6 3h2v2h-2zm0 4h2v2h-2z" ' +
        'id="pswp__icn-original"/>',
      outlineID: "pswp__icn-original",
    },
    onInit(button) {
      const show = () => {
        const { listed, isOriginal } = slides[viewer.currIndex];
        (button as HTMLButtonElement).disabled = isOriginal;
        button.hidden = !SHOWN_BY_BROWSERS.test(listed.type);
      };
      viewer.on("change", show);
      show();
    },
    onClick(_, button) {
      const index = viewer.currIndex;
      slides[index] = slide(slides[index].listed, true);
      (button as HTMLButtonElement).disabled = true;
      viewer.refreshSlideContent(index);
    },
  });
  viewer.ui?.registerElement({
    name: "download",
    order: 9,
    isButton: true,
    tagName: "a",
    title: messages.download,
    html: {
      isCustomSVG: true,
      inner: '<path d="M15 6h2v11l4-4 1.4 1.4L16 21l-6.4-6.6L11 13l4 4zM8 23h16v2H8z" ' +
        'id="pswp__icn-download"/>',
      outlineID: "pswp__icn-download",
    },
    onInit(link) {
      const show = () => {
        const { url } = slides[viewer.currIndex].listed;
        (link as HTMLAnchorElement).href = imageAddress(url);
        (link as HTMLAnchorElement).download = baseName(url);
      };
      viewer.on("change", show);
      show();
    },
  });
  if (!document.fullscreenEnabled) return;
  viewer.ui?.registerElement({
    name: "fullscreen",
    order: 10,
    isButton: true,
    tagName: "button",
    title: messages.fullScreen,
    html: {
      isCustomSVG: true,
      inner: '<path d="M8 8h6v2h-4v4H8zm10 0h6v6h-2v-4h-4zM8 18h2v4h4v2H8zm14 0h2v6h-6v-2h4z" ' +
        'id="pswp__icn-fullscreen"/>',
      outlineID: "pswp__icn-fullscreen",
    },
    onClick() {
      if (document.fullscreenElement !== null) document.exitFullscreen();
      else document.documentElement.requestFullscreen();
    },
  });
}
