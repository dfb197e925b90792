import type { PolicyPlugin } from "@pixelvla/core";
import {
  pixelEncoderConformance,
  projectorConformance,
  promptEncoderConformance,
  visionEncoderConformance,
} from "@pixelvla/testing/conformance";
import { expect, test } from "vitest";
import { builtinEncoders } from "../src/index.ts";

const tower = { width: 16, depth: 3, heads: 2, mlpWidth: 24 };

/** Every plugin of this package at a size that runs in milliseconds; a new plugin must be added here. */
const SMALL: Readonly<Record<string, object>> = {
  "fused-dinov2-siglip": { image: 32, patch: 8, registers: 1, dino: tower, siglip: tower, taps: [0, 1] },
  dinov2: { image: 32, patch: 8, registers: 1, ...tower, taps: [0, 1] },
  siglip: { image: 32, patch: 8, ...tower, taps: [0, 2] },
  "conv-stem": { image: 32, channels: [8, 16], groups: 4, positions: true },
  "fused-mlp": {},
  "gelu-mlp": {},
  linear: { norm: true },
  multiscale: { levels: 2, width: 12, tokens: 2 },
  "masked-mean": { tokens: 2 },
  sam: { width: 16, maskInput: 16, maskChannels: 8, hidden: 12 },
};

test("every plugin of this package is held to the suite of its kind", () => {
  expect(builtinEncoders.map(({ name }) => name).sort()).toEqual(Object.keys(SMALL).sort());
});

for (const plugin of builtinEncoders) holdToItsSuite(plugin, SMALL[plugin.name]!);

function holdToItsSuite(plugin: PolicyPlugin, options: object): void {
  if (plugin.kind === "visionEncoder") visionEncoderConformance(plugin, options);
  else if (plugin.kind === "projector") projectorConformance(plugin, options);
  else if (plugin.kind === "pixelEncoder") pixelEncoderConformance(plugin, options);
  else if (plugin.kind === "promptEncoder") promptEncoderConformance(plugin, options);
  else throw new Error(`no suite for a plugin of kind ${plugin.kind}`);
}
