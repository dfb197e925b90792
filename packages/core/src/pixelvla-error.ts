/**
 * The one error class of the project. `code` is stable and is what tests and callers match on; `message` is a sentence
 * for the user: doing what, what was found, what is needed, what to do.
 */
export class PixelVlaError extends Error {
  override readonly name = "PixelVlaError";
  readonly code: string;
  /** The facts behind the sentence, for programs (`--json`, the studio). */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, facts: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.facts = facts;
  }
}

/** Facts every error sentence is built from: "doing: found, needed. fix." */
export interface ErrorSentence {
  /** What was being done, as a participle: `Reading recipe "bridge-tiny"`. */
  readonly doing: string;
  /** What was found. */
  readonly found: string;
  /** What is needed instead, if that is not obvious from `found`. */
  readonly needed?: string;
  /** What the user can do about it. */
  readonly fix?: string;
}

/** Builds the house sentence `doing: found, needs needed. fix.` */
export function sentence({ doing, found, needed, fix }: ErrorSentence): string {
  const body = needed === undefined ? `${doing}: ${found}.` : `${doing}: ${found}, needs ${needed}.`;
  return fix === undefined ? body : `${body} ${fix}${/[.?!]$/.test(fix) ? "" : "."}`;
}

/** Makes a `PixelVlaError` from a code and the parts of its sentence. */
export function pixelVlaError(
  code: string,
  parts: ErrorSentence,
  facts: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): PixelVlaError {
  return new PixelVlaError(code, sentence(parts), { ...parts, ...facts }, cause);
}
