/** Why a picture cannot be drawn; a client translates the code. */
export type PictureProblem =
  /** Not one of the types that are drawn. */
  | "unknown-type"
  /** More pixels than the limit. */
  | "too-large"
  /** Cut short, not what its first bytes promise, or too few bytes for so many pixels. */
  | "damaged";

/** A picture that cannot be drawn. The only error this room throws for bad input. */
export class PictureError extends Error {
  override readonly name = "PictureError";

  /**
   * @param code what is wrong, for programs
   * @param message what is wrong, one plain English sentence
   */
  constructor(readonly code: PictureProblem, message: string) {
    super(message);
  }
}
