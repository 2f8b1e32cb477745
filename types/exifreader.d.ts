// What is used of exifreader, in our own words: its own declarations need those of the DOM.

declare module "exifreader" {
  /** A value as it is stored, and as text for people. */
  interface Tag {
    readonly description: string | number;
  }

  const reader: { readonly load: typeof load };
  export default reader;

  /** Reads the metadata of an image file. @throws {Error} if the file has none, or is damaged */
  function load(
    data: ArrayBuffer,
    options: {
      readonly expanded: true;
      readonly includeTags: { readonly exif: readonly string[]; readonly gps: readonly string[] };
    },
  ): {
    readonly exif?: Readonly<Record<string, Tag | undefined>>;
    readonly gps?: { readonly Latitude?: number; readonly Longitude?: number };
  };
}
