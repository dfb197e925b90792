import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { runCli } from "../../run-cli.ts";

const recipe = (name: string) => fileURLToPath(new URL(`../../../../../recipes/${name}.yaml`, import.meta.url));
let stdout = "";
let stderr = "";

beforeEach(() => {
  stdout = stderr = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((stderr += String(text)), true));
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

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
  expect(stdout).toMatch(/visionEncoder -> projector +\[8, 256, 2176\]/);
  expect(stdout).toMatch(/pixelEncoder +multiscale/);
  expect(stdout).toMatch(/train step, stage \S+, batch 8: weights [\d.]+ GB, activations [\d.]+ GB, gradients/);
  expect(stdout).toMatch(/an 80 GB GPU +(fits|too large)/);
  expect(stdout).toContain("no weight was read");
});

test("show's parts sum to its total, and a stage decides what trains", async () => {
  const shown = async (...args: string[]) => {
    stdout = "";
    expect(await runCli(["recipe", "show", recipe("pixelvla-openvla-tiny"), "--json", ...args])).toBe(0);
    return JSON.parse(stdout) as Shown;
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
  expect(stdout).toMatch(/pixelEncoder +masked-mean/);
  expect(await runCli(set("visionEncoder={name: conv-stem, options: {image: 32}}"))).not.toBe(0);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toMatch(/"conv-stem" reads 32 x 32 px and the recipe's image is 64 x 64 px/);
});

test("diff names what two recipes do differently, key by key, and nothing else", async () => {
  expect(await runCli(["recipe", "diff", recipe("openvla-tiny"), recipe("pixelvla-openvla-tiny"), "--json"])).toBe(0);
  const differences = JSON.parse(stdout) as { key: string; left?: unknown; right?: unknown }[];
  const keys = differences.map(({ key }) => key);
  expect(keys).toEqual(expect.arrayContaining(["pixelEncoder", "promptEncoder"]));
  expect(keys.filter((key) => key.startsWith("visionEncoder") || key.startsWith("decoder"))).toEqual([]);
  for (const { left, right } of differences) expect(left).not.toEqual(right);
  stdout = "";
  expect(await runCli(["recipe", "diff", recipe("pi0"), recipe("pi0")])).toBe(0);
  expect(stdout).toContain("No difference");
});

test("schema prints a JSON Schema that describes every key", async () => {
  expect(await runCli(["recipe", "schema"])).toBe(0);
  const schema = JSON.parse(stdout) as { $schema: string; properties: Record<string, { description?: string }> };
  expect(schema.$schema).toContain("json-schema.org");
  for (const key of ["visionEncoder", "projector", "backbone", "decoder", "text", "chunkSize", "actionDim"])
    expect(Object.keys(schema.properties)).toContain(key);
});
