import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { AnnotationSeed } from "../src/index.ts";
import { writePictureSet, type PictureEpisode } from "./picture-set.ts";

/** Where the real sample data lie, or undefined where they are absent. */
export function sharedData(): string | undefined {
  const folder = join(import.meta.dirname, "../../../../shared/data");
  return existsSync(folder) ? folder : undefined;
}

const ROLLOUTS = [
  { key: "bridge_real_1", task: "pick up the can and move it to the left", close: 11 },
  { key: "bridge_real_2", task: "move the metal bowl to the right", close: 17 },
] as const;

/** Boxes of the gripper in the rollouts' close frames, by eye: small models do not know what a gripper is. */
export const ROLLOUT_SEEDS: AnnotationSeed[] = [
  { episode: 0, close: 11, gripper: [150, 120, 325, 350] },
  { episode: 1, close: 17, gripper: [185, 60, 270, 230] },
];

const WIDOWX_STILLS = [
  ["bridge/bridge_sink_calibrate.png", "put the eggplant in the basket"],
  ["bridge/stack_cube_1st_frame.png", "put the green cube on the yellow cube"],
] as const;

const GOOGLE_STILLS = [
  ["fractal/805_0_cleanup.png", "pick coke can"],
  ["fractal/1257_0_cleanup.png", "pick coke can"],
  ["fractal/3289_0_cleanup.png", "pick coke can"],
  ["pick_coke_can_real_misc/google_vertical_coke_can_a0_cleanup.png", "pick coke can"],
  ["move_near_real_obj_variants/move_near_real_1_1.png", "move orange near pepsi can"],
  ["move_near_real_obj_variants/move_near_real_2_1.png", "move apple near sponge"],
  ["move_near_real_obj_variants/move_near_real_3_1.png", "move apple near coke can"],
  ["move_near_real_obj_variants/move_near_real_5_1.png", "move orange near pepsi can"],
] as const;

/** Sets of real pictures as pixel datasets, by name. */
export const REAL_SETS = {
  "widowx-rollouts": (data: string) =>
    ROLLOUTS.map((rollout) => {
      const folder = join(data, "simpler-real-images/frames", rollout.key);
      return { ...rollout, frames: readdirSync(folder).sort().map((name) => join(folder, name)) }; // prettier-ignore
    }),
  "widowx-stills": (data: string) => stills(data, WIDOWX_STILLS),
  "google-stills": (data: string) => stills(data, GOOGLE_STILLS),
} satisfies Record<string, (data: string) => readonly PictureEpisode[]>;
export type RealSet = keyof typeof REAL_SETS;

const stills = (data: string, list: readonly (readonly [string, string])[]): PictureEpisode[] =>
  list.map(([file, task]) => ({
    key: file,
    task,
    frames: [join(data, "simpler-real-images/real_inpainting", file)],
  }));

/** Writes a set of real pictures as a pixel dataset at `root`, so that the job runs on it as on any dataset. */
export const writeRealSet = (set: RealSet, data: string, root: string): Promise<void> =>
  writePictureSet(set, REAL_SETS[set](data), root);
