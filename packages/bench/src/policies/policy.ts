import type { ExpertView } from "../expert/expert.ts";
import type { EpisodeKey } from "../tasks/episode-spec.ts";

/** Width of an action: dx dy dz droll dpitch dyaw gripper. */
export const ACTION_WIDTH = 7;

/** A visual prompt in pixels of the observation's image, x to the right, y down. */
export type VisualPrompt =
  | { readonly kind: "point"; readonly xPx: number; readonly yPx: number }
  | { readonly kind: "line"; readonly fromPx: readonly [number, number]; readonly toPx: readonly [number, number] }
  | { readonly kind: "box"; readonly minPx: readonly [number, number]; readonly maxPx: readonly [number, number] }
  | { readonly kind: "mask"; readonly mask: Uint8Array };

/** What a policy sees before it acts. H W pixels, S state width. */
export interface Observation {
  readonly widthPx: number;
  readonly heightPx: number;
  /** `[H, W, 3]`, 0..255. */
  readonly image: Uint8Array;
  /** `[S]` proprioception, see `Embodiment.stateNames`. */
  readonly state: Float32Array;
  readonly instruction: string;
  /** `[H, W]` in {0, 1}, from the chosen mask source; absent when that is "none". */
  readonly objectMask?: Uint8Array;
  /** Derived from the same mask; absent with it, and where the mask is empty. */
  readonly prompt?: VisualPrompt;
}

/** `actions` `[chunkSize, 7]`: metres, radians (base axes), gripper 1 open to 0 closed. */
export interface ActionChunk {
  readonly chunkSize: number;
  readonly actions: Float32Array;
}

/** What a policy learns when an episode begins. */
export interface EpisodeContext {
  readonly episode: EpisodeKey;
  readonly instruction: string;
  /**
   * The simulator's own knowledge, for scripted policies on the same thread; absent for policies across a thread or a network.
   * A policy that reads it is no longer judged on what it sees.
   */
  readonly privileged?: () => ExpertView;
}

/** Anything that acts: scripted, learned, or behind a server. One instance plays one episode at a time. */
export interface Policy {
  readonly name: string;
  reset(episode: EpisodeContext): Promise<void> | void;
  act(observation: Observation): Promise<ActionChunk> | ActionChunk;
  /** Whether `act` looks at the image; false spares the rendering. Default true. */
  readonly usesImage?: boolean;
  close?(): Promise<void> | void;
}
