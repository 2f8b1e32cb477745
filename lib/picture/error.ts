/**
 * What lib/picture throws for bad input.
 *
 * @module
 */

/** Why a picture cannot be drawn; a client translates the code. */
export type PictureProblem =
  /** Not one of the types, or of a kind of its type, that are drawn. */
  | "unknown-type"
  /** More pixels than the limit. */
  | "too-large"
  /** Its codec takes too long. */
  | "too-slow"
  /** Nothing of it can be decoded. */
  | "damaged";

/** A picture that cannot be drawn: the only error that lib/picture throws for bad input. */
export class PictureError extends Error {
  /** The name of the class. */
  override readonly name = "PictureError";

  /**
   * Makes the error.
   *
   * @param code what is wrong, for programs
   * @param message what is wrong, one plain English sentence
   * @param kind the kind of picture, e.g. "TIFF with Lab colours", if that is why it is not drawn
   */
  constructor(
    readonly code: PictureProblem,
    message: string,
    readonly kind: string | null = null,
  ) {
    super(message);
  }

  /** The error for a kind of picture that is not drawn, e.g. "JPEG with arithmetic coding". */
  static undrawn(kind: string): PictureError {
    return new PictureError("unknown-type", `The picture is a ${kind}, which is not drawn.`, kind);
  }
}
