import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { captureOutput } from "../../../test/captured-output.ts";
import { runCli } from "../../run-cli.ts";

const recipe = (name: string) => fileURLToPath(new URL(`../../../../../recipes/${name}.yaml`, import.meta.url));
const output = captureOutput();

interface Shown {
  readonly parts: readonly {
    part: string;
    plugin: string;
    cost?: { parameters: number; trainableParameters: number };
  }[];
  readonly train: { readonly total: { parameters: number; trainableParameters: number } };
}

test("show prints the 7B policy's parts with shapes, parameters, operations and memory, reading no weight", async () => {
  expect(await runCli(["recipe", "show", recipe("pixelvla-openvla-7b")])).toBe(0);
  expect(output.stdout).toMatch(/visionEncoder -> projector +\[8, 256, 2176\]/);
  expect(output.stdout).toMatch(/pixelEncoder +multiscale/);
  expect(output.stdout).toMatch(/train step, stage \S+, batch 8: weights [\d.]+ GB, activations [\d.]+ GB, gradients/);
  expect(output.stdout).toMatch(/an 80 GB GPU +(fits|too large)/);
  expect(output.stdout).toContain("no weight was read");
});

test("show's parts sum to its total, and a stage decides what trains", async () => {
  const shown = async (...args: string[]) => {
    output.clear();
    expect(await runCli(["recipe", "show", recipe("pixelvla-openvla-tiny"), "--json", ...args])).toBe(0);
    return JSON.parse(output.stdout) as Shown;
  };
  const [stage1, stage2] = [await shown("--stage", "stage1"), await shown("--stage", "stage2")];
  const sum = stage2.parts.reduce((total, { cost }) => total + (cost?.parameters ?? 0), 0);
  expect(sum).toBe(stage2.train.total.parameters);
  const trains = (d: Shown) =>
    d.parts.filter(({ cost }) => (cost?.trainableParameters ?? 0) > 0).map(({ part }) => part);
  expect(trains(stage1)).toEqual(["decoder"]);
  expect(trains(stage2).sort()).toEqual(["backbone", "decoder", "pixelEncoder", "promptEncoder"]);
});

test("one part is swapped in one line; one that does not fit is refused in one sentence", async () => {
  const set = (value: string) => ["recipe", "show", recipe("pixelvla-openvla-tiny"), "--set", value];
  expect(await runCli(set("pixelEncoder={name: masked-mean}"))).toBe(0);
  expect(output.stdout).toMatch(/pixelEncoder +masked-mean/);
  expect(await runCli(set("visionEncoder={name: conv-stem, options: {image: 32}}"))).not.toBe(0);
  expect(output.stderr.trim().split("\n")).toHaveLength(1);
  expect(output.stderr).toMatch(/"conv-stem" reads 32 x 32 px and the recipe's image is 64 x 64 px/);
});

test("diff names what two recipes do differently, key by key, and nothing else", async () => {
  expect(await runCli(["recipe", "diff", recipe("openvla-tiny"), recipe("pixelvla-openvla-tiny"), "--json"])).toBe(0);
  const differences = JSON.parse(output.stdout) as { key: string; left?: unknown; right?: unknown }[];
  const keys = differences.map(({ key }) => key);
  expect(keys).toEqual(expect.arrayContaining(["pixelEncoder", "promptEncoder"]));
  expect(keys.filter((key) => key.startsWith("visionEncoder") || key.startsWith("decoder"))).toEqual([]);
  for (const { left, right } of differences) expect(left).not.toEqual(right);
  output.clear();
  expect(await runCli(["recipe", "diff", recipe("pi0"), recipe("pi0")])).toBe(0);
  expect(output.stdout).toContain("No difference");
});

test("schema prints a JSON Schema that describes every key", async () => {
  expect(await runCli(["recipe", "schema"])).toBe(0);
  const schema = JSON.parse(output.stdout) as { $schema: string; properties: Record<string, { description?: string }> };
  expect(schema.$schema).toContain("json-schema.org");
  for (const key of ["visionEncoder", "projector", "backbone", "decoder", "text", "chunkSize", "actionDim"])
    expect(Object.keys(schema.properties)).toContain(key);
});
