import { uint8Array } from "../codec/nd-array.ts";

/** A visual prompt in pixels of the observation's image, as the benchmark gives it. */
export type RemotePrompt =
  | { readonly kind: "point"; readonly xPx: number; readonly yPx: number }
  | { readonly kind: "line"; readonly fromPx: readonly [number, number]; readonly toPx: readonly [number, number] }
  | { readonly kind: "box"; readonly minPx: readonly [number, number]; readonly maxPx: readonly [number, number] }
  | { readonly kind: "mask"; readonly mask: Uint8Array };

interface Prompted {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly objectMask?: Uint8Array;
  readonly prompt?: RemotePrompt;
}

/**
 * Decides when an episode's prompt is sent: with its first frame, and again only when the benchmark's mask changes (`--mask-time every`);
 * in between the server follows the object. A point, line or box goes as it is, so that the server's segmenter makes the mask of it.
 */
export class PromptSender {
  #sent: Uint8Array | undefined;

  /** Another episode begins. */
  forget(): void {
    this.#sent = undefined;
  }

  /** The `visual_prompt` of this observation, undefined where none is to be sent. */
  next({ widthPx, heightPx, objectMask, prompt }: Prompted): Readonly<Record<string, unknown>> | undefined {
    if (objectMask === undefined || (this.#sent !== undefined && isSame(this.#sent, objectMask))) return undefined;
    if (!objectMask.some((value) => value !== 0)) return undefined;
    this.#sent = objectMask;
    switch (prompt?.kind) {
      case "point":
        return { points: [[prompt.xPx, prompt.yPx]] };
      case "line":
        return { line: [prompt.fromPx, prompt.toPx] };
      case "box": // the wire's upper corner is exclusive
        return { box: [...prompt.minPx, prompt.maxPx[0] + 1, prompt.maxPx[1] + 1] };
      default:
        return { mask: uint8Array(objectMask, [heightPx, widthPx]) };
    }
  }
}

const isSame = (a: Uint8Array, b: Uint8Array) => a === b || Buffer.from(a.buffer, a.byteOffset, a.length).equals(b);
