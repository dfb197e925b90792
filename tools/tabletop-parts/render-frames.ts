/**
 * Renders labelled frames of training layouts for the network of the embedded default:
 *
 *   node --conditions=@pixelvla/source --import tsx tools/tabletop-parts/render-frames.ts FOLDER ROUNDS [EMBODIMENT] [FIRST_SEED]
 *
 * One file an episode: frames of 3 x 224 x 224 bytes of colour, then 224 x 224 bytes of labels (index into PART_LABELS).
 */
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  ROLLOUT_DEFAULTS,
  runEpisode,
  suits,
  TASKS,
  TRAINING_SEEDS_FROM,
  VARIANTS,
  type EmbodimentName,
  type EpisodeSpec,
  type Frame,
} from "@pixelvla/bench";
import { DEFAULT_NOISE, noisyExpert } from "@pixelvla/bench/recording";
// eslint-disable-next-line @nx/enforce-module-boundaries -- a development tool over the inner parts of the package it makes an asset for
import { PART_LABELS } from "../../packages/segmenters/src/embedded/parts/part-labels.ts";
// eslint-disable-next-line @nx/enforce-module-boundaries -- as above
import { PARTS_INPUT_PX } from "../../packages/segmenters/src/embedded/parts/parts-net.ts";

/** Every how many env steps a frame is kept: neighbours are nearly equal. */
const STRIDE = 4;

function labelOf(owner: string, { scene }: EpisodeSpec): number {
  const shape = scene.objects.find(({ id }) => id === owner)?.shape;
  const name =
    shape ??
    (owner.startsWith("drawer:")
      ? `${owner.slice("drawer:".length)} drawer`
      : owner === "hand" || owner.startsWith("finger")
        ? "robot"
        : owner);
  return Math.max(0, (PART_LABELS as readonly string[]).indexOf(name));
}

function encode({ image, segmentation, owners }: Frame, spec: EpisodeSpec): Buffer {
  const labels = owners.map((owner) => labelOf(owner, spec));
  return Buffer.concat([image, Uint8Array.from(segmentation, (owner) => (owner < 0 ? 0 : labels[owner]!))]);
}

const [folder, rounds, embodiment = "widowx", firstSeed = String(TRAINING_SEEDS_FROM + 20_000)] = process.argv.slice(2);
if (folder === undefined || rounds === undefined)
  throw new Error("usage: render-frames.ts FOLDER ROUNDS [EMBODIMENT] [FIRST_SEED]");
mkdirSync(folder, { recursive: true });
let seed = Number(firstSeed);
for (let round = 0; round < Number(rounds); round++)
  for (const task of TASKS)
    for (const { name: variant } of VARIANTS.filter((one) => suits(one, task))) {
      const key = { embodiment: embodiment as EmbodimentName, task, variant, seed: seed++ };
      const file = join(folder, `${embodiment}-${task}-${variant}-${key.seed}.bin`);
      if (existsSync(file)) continue;
      const frames: Buffer[] = [];
      await runEpisode(noisyExpert(DEFAULT_NOISE), key, {
        ...ROLLOUT_DEFAULTS,
        imageSizePx: PARTS_INPUT_PX,
        executeSteps: 1,
        end: "settled",
        onStep({ stepIndex, frame, spec }) {
          if (stepIndex % STRIDE === 0) frames.push(encode(frame(), spec));
        },
      });
      writeFileSync(`${file}.part`, Buffer.concat(frames));
      renameSync(`${file}.part`, file);
    }
