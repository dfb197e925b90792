import { readFileSync } from "node:fs";
import { sizeOf } from "@pixelvla/core";
import { expect, test } from "vitest";
import { SAM_VARIANTS } from "../src/sam/config.ts";
import { samDecoderProgram, samEncoderProgram } from "../src/sam/programs.ts";

const golden = JSON.parse(readFileSync(new URL("golden/sam-parameters.json", import.meta.url), "utf8")) as {
  variants: Record<string, { parameters: number; tensors: Record<string, number[]> }>;
};
/** Tied to `prompt_encoder.shared_embedding.positional_embedding`, one parameter under two names. */
const TIED = "shared_image_embedding.positional_embedding";

test.each(Object.entries(SAM_VARIANTS))("%s has every tensor of the published model and none more", (name, config) => {
  const expected = golden.variants[name]!;
  const graphs = [samEncoderProgram(config), samDecoderProgram(config, 8, true), samDecoderProgram(config, 8, false)];
  const ours = new Map(
    graphs.flatMap(({ graph }) => [...graph.parameters.values()]).map(({ name: n, tensor }) => [n, tensor.shape]),
  );
  const tied = ours.get("prompt_encoder.shared_embedding.positional_embedding")!;
  ours.delete("prompt_encoder.shared_embedding.positional_embedding");
  ours.set(TIED, tied);
  expect(Object.fromEntries([...ours].sort())).toEqual(Object.fromEntries(Object.entries(expected.tensors).sort()));
  expect([...ours.values()].reduce((sum, shape) => sum + sizeOf(shape), 0)).toBe(expected.parameters);
});
