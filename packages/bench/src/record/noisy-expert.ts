import { Random } from "@pixelvla/core";

import { expertAction } from "../expert/expert.ts";
import { ACTION_WIDTH, type EpisodeContext, type Policy } from "../policies/policy.ts";
import { episodeName } from "../tasks/episode-spec.ts";

/** How demonstrations are disturbed, so that they show recoveries. Shares are of episodes, sizes in metres and radians. */
export interface NoiseOptions {
  /** Episodes with Gaussian noise on the executed action and kicks; the noise is full at a whole step and 0.3 of it at rest. */
  readonly noisyShare: number;
  readonly sigmaXyM: number;
  readonly sigmaZM: number;
  readonly sigmaYawRad: number;
  /** Chance of a kick in an env step, and its size in each of x, y, z. */
  readonly kickChance: number;
  readonly kickM: number;
  /** Episodes with one grasp closed on nothing. */
  readonly badGraspShare: number;
}

/** The prototype's amounts. */
export const DEFAULT_NOISE: NoiseOptions = {
  noisyShare: 0.6,
  sigmaXyM: 0.01,
  sigmaZM: 0.007,
  sigmaYawRad: 0.05,
  kickChance: 0.08,
  kickM: 0.04,
  badGraspShare: 0.12,
};

/** No disturbance at all. */
export const NO_NOISE: NoiseOptions = { ...DEFAULT_NOISE, noisyShare: 0, badGraspShare: 0 };

/** The expert whose executed actions are disturbed; `cleanAction` is what it meant, the label. */
export interface NoisyExpert extends Policy {
  /** `[7]`, of the last query. */
  readonly cleanAction: () => Float32Array;
}

/** A disturbed expert, seeded by the episode. */
export function noisyExpert(noise: NoiseOptions): NoisyExpert {
  let context: EpisodeContext | undefined;
  let random = new Random(0);
  let clean: Float32Array = new Float32Array(ACTION_WIDTH);
  let isNoisy = false;
  let badGraspAt = -1;
  let step = 0;
  return {
    name: "noisy-expert",
    usesImage: false,
    cleanAction: () => clean,
    reset(episode) {
      context = episode;
      random = new Random(`noise ${episodeName(episode.episode)}`);
      isNoisy = random.uniform() < noise.noisyShare;
      badGraspAt = random.uniform() < noise.badGraspShare ? 2 + random.integer(4) : -1;
      step = 0;
    },
    act() {
      clean = expertAction(context!.privileged!());
      const executed = Float32Array.from(clean);
      if (isNoisy) {
        const kicked = random.uniform() < noise.kickChance;
        // Noise grows with the motion, as in a person's hand: fine placing stays possible.
        const share = 0.3 + 0.7 * Math.min(1, Math.hypot(clean[0]!, clean[1]!, clean[2]!) / 0.04);
        for (let axis = 0; axis < 3; axis++) {
          executed[axis]! += share * random.normal() * (axis < 2 ? noise.sigmaXyM : noise.sigmaZM);
          if (kicked) executed[axis]! += (2 * random.uniform() - 1) * noise.kickM;
        }
        executed[5]! += random.normal() * noise.sigmaYawRad;
      }
      if (step === badGraspAt && clean[6] === 1) executed[6] = 0;
      step++;
      return { chunkSize: 1, actions: executed };
    },
  };
}
