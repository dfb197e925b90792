import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { sizeOf, type Parameter } from "@pixelvla/core";
import { expect, test } from "vitest";
import { HOST_TENSORS, sam2Names, UNUSED_TENSORS } from "../src/sam2/checkpoint-tensors.ts";
import { parseSam2Config } from "../src/sam2/parse-config.ts";
import { decoderProgram, encoderProgram, memoryAttentionProgram, memoryEncoderProgram } from "../src/sam2/programs.ts";

interface Size {
  readonly config: unknown;
  readonly parameters: number;
  readonly tensors: number;
  readonly names: string;
}

const sizes = JSON.parse(readFileSync(new URL("golden/sam2-sizes.json", import.meta.url), "utf8")) as {
  models: Record<string, Size>;
};
/** As published for SAM 2.1. */
const PUBLISHED = { tiny: 38_962_498, small: 46_060_354, "base-plus": 80_850_178, large: 224_446_642 };

test.each(Object.entries(PUBLISHED))(
  "sam2.1-hiera-%s has every tensor of the published model and none more",
  (name, published) => {
    const size = sizes.models[name]!;
    const config = parseSam2Config(size.config);
    const programs = [
      encoderProgram(config),
      decoderProgram(config, { nPrompts: 2, hasMask: false }),
      decoderProgram(config, { nPrompts: 2, hasMask: true }),
      memoryEncoderProgram(config, config.memory!),
      memoryAttentionProgram(config, config.memory!, { nFrames: 1, nPointers: 4, padded: true }),
    ];
    const parameters = programs.flatMap(({ graph }) => [...graph.parameters.values()]);
    const tensors = new Map(
      parameters.flatMap(({ name: own, tensor }: Parameter) =>
        sam2Names(own).map((stored): [string, readonly number[]] => [stored, tensor.shape]),
      ),
    );
    for (const [stored, shape] of Object.entries(HOST_TENSORS)) tensors.set(stored, shape);
    for (const stored of UNUSED_TENSORS) tensors.set(stored, [1, 1, config.decoder.width]);

    const lines = [...tensors]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, shape]) => `${key} ${shape.join(",")}\n`);
    expect(tensors.size).toBe(size.tensors);
    expect(createHash("sha256").update(lines.join("")).digest("hex").slice(0, 16)).toBe(size.names);
    // The random position matrix, stored twice, is a buffer and does not count.
    const counted = [...tensors].filter(([key]) => !key.endsWith("positional_embedding"));
    expect(counted.reduce((sum, [, shape]) => sum + sizeOf(shape), 0)).toBe(published);
    expect(size.parameters).toBe(published);
    // Every parameter takes part in some program.
    const used = new Set(programs.flatMap((program) => program.parameters.map((parameter) => parameter.name)));
    expect(parameters.filter((parameter) => !used.has(parameter.name))).toEqual([]);
  },
);
