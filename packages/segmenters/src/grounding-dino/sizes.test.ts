import { readFileSync } from "node:fs";
import { sizeOf, type Parameter } from "@pixelvla/core";
import { expect, test } from "vitest";
import { groundingDinoConfig } from "./config.ts";
import { detectProgram, imageProgram, textProgram } from "./programs.ts";

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../test/golden/${name}`, import.meta.url), "utf8")) as unknown;
const recorded = (read("grounding-dino-sizes.json") as { config: Record<string, Record<string, number>> }).config;

test.each(["tiny", "base"])("grounding-dino-%s has the parameters of transformers' model, part by part", (size) => {
  const config = groundingDinoConfig.parse(read(`grounding-dino-${size}.config.json`));
  const canvas = { height: 800, width: 1333 };
  const programs = [
    imageProgram(canvas, config),
    textProgram(256, config),
    detectProgram(canvas, 256, config, { padded: true }),
  ];
  const parameters = new Map<string, Parameter>();
  for (const program of programs)
    for (const [name, parameter] of program.graph.parameters) parameters.set(name, parameter);
  const parts: Record<string, number> = {};
  for (const { name, tensor } of parameters.values()) {
    // transformers counts the shared box head where the decoder holds it.
    const part = name.startsWith("bbox_embed.") ? "model.decoder" : name.split(".").slice(0, 2).join(".");
    parts[part] = (parts[part] ?? 0) + sizeOf(tensor.shape);
  }
  const { total, unused, ...expected } = recorded[size]!;
  expect(parts).toEqual(expected);
  expect(Object.values(parts).reduce((a, b) => a + b, 0)).toBe(total! - unused!);
  // Every parameter takes part in some program.
  const used = new Set(programs.flatMap((program) => program.parameters.map(({ name }) => name)));
  expect([...parameters.keys()].filter((name) => !used.has(name))).toEqual([]);
});
