import { maskOf } from "../render/renderer.ts";
import { targetOwner } from "../masks/mask-source.ts";
import { ACTION_WIDTH } from "../policies/policy.ts";
import { runEpisode, ROLLOUT_DEFAULTS, type PlayedEpisode } from "../rollout/run-episode.ts";
import type { EpisodeKey } from "../tasks/episode-spec.ts";
import { noisyExpert, type NoiseOptions } from "./noisy-expert.ts";

/** A recorded episode in memory. T frames, H = W = imageSizePx, S state width. */
export interface Demonstration {
  readonly key: EpisodeKey;
  readonly instruction: string;
  readonly nFrames: number;
  readonly imageSizePx: number;
  /** `[T, H, W, 3]`, 0..255. */
  readonly images: Uint8Array;
  /** `[T, H, W]` in {0, 1}: exactly the target's visible pixels. */
  readonly masks: Uint8Array;
  /** `[T, S]`. */
  readonly state: Float32Array;
  /** `[T, 7]`: what the expert meant, the label. */
  readonly action: Float32Array;
  /** `[T, 7]`: what was executed, with noise. */
  readonly executedAction: Float32Array;
  /** `[T]` in [0, 1]: measured gripper opening. */
  readonly opening: Float32Array;
}

/** How demonstrations are recorded. */
export interface RecordOptions {
  readonly imageSizePx: number;
  readonly noise: NoiseOptions;
}

/** Plays the disturbed expert once; the demonstration is there only if it succeeded. */
export async function recordEpisode(
  key: EpisodeKey,
  { imageSizePx, noise }: RecordOptions,
): Promise<{ played: PlayedEpisode; demonstration?: Demonstration }> {
  const expert = noisyExpert(noise);
  const images: Uint8Array[] = [];
  const masks: Uint8Array[] = [];
  const states: Float32Array[] = [];
  const labels: Float32Array[] = [];
  const executed: Float32Array[] = [];
  const opening: number[] = [];
  const played = await runEpisode(expert, key, {
    ...ROLLOUT_DEFAULTS,
    imageSizePx,
    executeSteps: 1,
    end: "settled",
    onStep({ spec, state, action, frame, view }) {
      const { image, ...rest } = frame();
      images.push(image);
      masks.push(maskOf({ image, ...rest }, targetOwner(spec)));
      states.push(state);
      labels.push(expert.cleanAction());
      executed.push(action);
      opening.push(view.now.hand.opening);
    },
  });
  if (!played.result.success) return { played };
  const demonstration: Demonstration = {
    key,
    instruction: played.result.instruction,
    nFrames: images.length,
    imageSizePx,
    images: joined(Uint8Array, images, images.length * 3 * imageSizePx ** 2),
    masks: joined(Uint8Array, masks, masks.length * imageSizePx ** 2),
    state: joined(Float32Array, states, states.length * states[0]!.length),
    action: joined(Float32Array, labels, labels.length * ACTION_WIDTH),
    executedAction: joined(Float32Array, executed, executed.length * ACTION_WIDTH),
    opening: Float32Array.from(opening),
  };
  return { played, demonstration };
}

function joined<T extends Uint8Array | Float32Array>(
  make: new (length: number) => T,
  parts: readonly T[],
  length: number,
): T {
  const all = new make(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
