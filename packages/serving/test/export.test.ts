import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { exportPolicy } from "../src/export/export-policy.ts";
import { GraphPolicy } from "../src/policy/graph-policy.ts";
import { openGraphSource } from "../src/policy/open-source.ts";

// Below the repository, so that the runner finds its two dependencies.
const cache = fileURLToPath(new URL("../.cache/", import.meta.url));
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, "export-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const recipe = (name: string) => fileURLToPath(new URL(`../../../recipes/${name}.yaml`, import.meta.url));
const policyFile = (out: string) =>
  JSON.parse(readFileSync(join(out, "policy.json"), "utf8")) as {
    inputs: Record<string, { dtype: string; shape: number[] }>;
  };

test("pi0's folder in onnxruntime gives our actions, whole and as a cached pair", async () => {
  const source = openGraphSource(recipe("pi0-tiny"));
  const out = join(folder, "pi0");
  const report = await exportPolicy(source, { out, precision: "stored", cachedPrefix: true, measure: 2 });
  expect(report.actionError!.max).toBeLessThan(1e-4);
  expect(report.files).toEqual(
    expect.arrayContaining([
      "README.md",
      "model.onnx",
      "prefix.onnx",
      "sample.onnx",
      "run.py",
      "run.ts",
      "weights.bin",
    ]),
  );

  const { inputs } = policyFile(out);
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype, shape }]) => {
      const length = shape.reduce((a, b) => a * b, 1);
      return [
        name,
        dtype === "int64"
          ? new Tensor(
              "int64",
              BigInt64Array.from({ length }, (_, i) => BigInt(i % 9)),
              shape,
            )
          : new Tensor(
              "float32",
              Float32Array.from({ length }, (_, i) => Math.abs(Math.sin(i))),
              shape,
            ),
      ];
    }),
  );
  const load = (file: string) => InferenceSession.create(join(out, file));
  const take = (session: InferenceSession, given: Record<string, Tensor>) =>
    Object.fromEntries(session.inputNames.map((name) => [name, given[name]!]));
  const [whole, prefix, sample] = [await load("model.onnx"), await load("prefix.onnx"), await load("sample.onnx")];
  const chunk = (await whole.run(take(whole, feeds)))["chunk"]!.data as Float32Array;
  const cache = (await prefix.run(take(prefix, feeds))) as Record<string, Tensor>;
  const pieces = (await sample.run(take(sample, { ...feeds, ...cache })))["chunk"]!.data as Float32Array;
  expect(Math.max(...chunk.map((value, i) => Math.abs(value - pieces[i]!)))).toBeLessThan(1e-5);
}, 600_000);

test("fewer bits make a smaller file and a larger, measured error", async () => {
  const source = openGraphSource(recipe("openvla-tiny"));
  const reports = [];
  for (const precision of ["stored", "float16", "int8", "int4"] as const)
    reports.push(await exportPolicy(source, { out: join(folder, precision), precision, measure: 2 }));
  const [stored, half, int8, int4] = reports as [
    (typeof reports)[0],
    (typeof reports)[0],
    (typeof reports)[0],
    (typeof reports)[0],
  ];
  expect(stored.actionError!.max).toBeLessThan(1e-5);
  expect(half.weightBytes).toBeLessThan(0.7 * stored.weightBytes);
  expect(int4.weightBytes).toBeLessThan(int8.weightBytes);
  expect(int4.actionError!.mean).toBeGreaterThan(int8.actionError!.mean);
  expect(int8.actionError!.mean).toBeGreaterThan(0);
  expect(statSync(join(folder, "int4", "weights.bin")).size).toBe(int4.weightBytes);
  await expect(
    exportPolicy(source, { out: join(folder, "int4"), precision: "int4", measure: 0 }),
  ).rejects.toMatchObject({ code: "PVLA_EXPORT" });
}, 600_000);

test("the folder's own TypeScript runner gives our actions", async () => {
  const out = join(folder, "stored");
  expect(existsSync(out)).toBe(true);
  const policy = await GraphPolicy.open(openGraphSource(recipe("openvla-tiny")), { maxBatch: 1 });
  const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7) % 256);
  const [expected] = await policy.predict([
    {
      image: { widthPx: 64, heightPx: 64, data },
      state: new Float32Array(),
      instruction: "Pick up the red cube",
      visit: 0,
    },
  ]);
  await policy.close();
  const script = join(out, "compare.mts");
  const pixels = join(folder, "pixels.bin");
  writeFileSync(pixels, data);
  writeFileSync(
    script,
    `import { act } from ${JSON.stringify(join(out, "run.ts"))};\nimport sharp from "sharp";\nimport { readFileSync } from "node:fs";\n` +
      `const raw = sharp(readFileSync(${JSON.stringify(pixels)}), { raw: { width: 64, height: 64, channels: 3 } });\n` +
      `console.log(JSON.stringify(await act(raw, "Pick up the red cube")));\n`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script]);
  const chunk = (JSON.parse(stdout) as number[][]).flat();
  expect(Math.max(...chunk.map((value, i) => Math.abs(value - expected![i]!)))).toBeLessThan(1e-4);
}, 600_000);
