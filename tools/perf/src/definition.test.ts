import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { benchmarkFiles, loadBenchmark } from "./discover.ts";
import { parseDefinition } from "./definition.ts";

const minimal = { name: "x", title: "X", ours: () => ({ run: () => undefined }) };

test("defaults are filled in", () => {
  const definition = parseDefinition({ perf: minimal }, "x.perf.ts", "x");
  expect(definition).toMatchObject({ threads: 2, rounds: 7, warmup: 3, peers: [], cases: [{ name: "default" }] });
});

test.each([
  ["no export", {}, /no export named `perf`/],
  ["an unknown field", { perf: { ...minimal, peer: [] } }, /peer/],
  ["a peer of no kind", { perf: { ...minimal, peers: [{ name: "p" }] } }, /either `python` or `prepare`/],
  ["a goal of no kind", { perf: { ...minimal, goals: [{ peer: "p" }] } }, /needs `maxMs`/],
  ["a name that is not the file's", { perf: { ...minimal, name: "y" } }, /file named x\.perf\.ts/],
])("%s is refused", (_, module, message) => {
  expect(() => parseDefinition(module, "x.perf.ts", "x")).toThrow(message);
});

test("every benchmark of the repository is named as its file", () => {
  const files = benchmarkFiles();
  expect(files.has("matmul")).toBe(true);
  // Importing them all would load every package: npm run perf does that, this only reads them.
  for (const [name, file] of files)
    expect(readFileSync(file, "utf8")).toMatch(new RegExp(`perf = \\{\\s+name: "${name}"`));
});

test("an unknown name is refused with the nearest one", async () => {
  await expect(loadBenchmark("matmull", benchmarkFiles())).rejects.toMatchObject({ code: "PVLA_PERF_UNKNOWN" });
  await expect(loadBenchmark("matmull", benchmarkFiles())).rejects.toThrow(/Did you mean "matmul"/);
});
