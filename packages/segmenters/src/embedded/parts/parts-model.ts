import { fileURLToPath } from "node:url";
import { extractProgram, Graph, softmax } from "@pixelvla/core";
import type { Executable } from "@pixelvla/engines";
import { bindAllParameters, openCheckpoint } from "@pixelvla/data/checkpoints";
import type { RgbImage } from "@pixelvla/data";
import type { OpenContext } from "../../contracts.ts";
import { resizeRgb } from "../../image/resize-rgb.ts";
import { PART_LABELS } from "./part-labels.ts";
import { partsNet, PARTS_INPUT_PX, PARTS_OUTPUT_PX } from "./parts-net.ts";

const WEIGHTS = fileURLToPath(new URL("../../../assets/tabletop-parts.safetensors", import.meta.url));

/** Share of every label in every cell of a picture. */
export interface PartsMap {
  /** `[C, 112, 112]` in [0, 1], summing to 1 over C. */
  readonly shares: Float32Array;
}

/** The network of the embedded default, compiled. Weights come with the package. */
export class PartsModel {
  readonly #executable: Executable;

  private constructor(executable: Executable) {
    this.#executable = executable;
  }

  /** @throws PVLA_CHECKPOINT_NOT_FOUND when the package was copied without its assets, PVLA_ENGINE_COMPILE */
  static async open({ engine, threads }: Pick<OpenContext, "engine" | "threads">): Promise<PartsModel> {
    const g = new Graph();
    const logits = partsNet(g, g.input("image", "float32", [1, 3, PARTS_INPUT_PX, PARTS_INPUT_PX]));
    const program = extractProgram(g, { shares: softmax(logits, 1) });
    bindAllParameters(g, await openCheckpoint(WEIGHTS), (name) => [name]);
    return new PartsModel(await engine.compile(program, threads === undefined ? {} : { threads }));
  }

  /** Looks at the whole picture, squashed to a square. */
  async look(image: RgbImage, options: { signal?: AbortSignal } = {}): Promise<PartsMap> {
    const { data } = resizeRgb(image, PARTS_INPUT_PX, PARTS_INPUT_PX);
    const plane = PARTS_INPUT_PX ** 2;
    const input = new Float32Array(3 * plane);
    for (let i = 0; i < plane; i++) for (let c = 0; c < 3; c++) input[c * plane + i] = data[3 * i + c]! / 255;
    const { shares } = await this.#executable.run({ image: input }, { transfer: true, ...options });
    return { shares: shares as Float32Array };
  }

  dispose(): Promise<void> {
    return this.#executable.dispose();
  }
}

/** The share of one label as a plane `[112, 112]`. */
export function sharesOf({ shares }: PartsMap, label: number): Float32Array {
  const n = PARTS_OUTPUT_PX ** 2;
  return shares.subarray(label * n, (label + 1) * n);
}

/** The share of several labels together. */
export function sharesOfAny(map: PartsMap, labels: readonly number[]): Float32Array {
  const sum = new Float32Array(PARTS_OUTPUT_PX ** 2);
  for (const label of labels) sharesOf(map, label).forEach((share, i) => (sum[i]! += share));
  return sum;
}

export const labelIndex = (label: (typeof PART_LABELS)[number]): number => PART_LABELS.indexOf(label);
