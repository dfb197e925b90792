import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extractProgram, gemm, Graph, type DType } from "@pixelvla/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { OrtSession } from "./ort-session.ts";
import { placeModel } from "./placed-model.ts";

const SIZE = 2048;
const BYTES = SIZE * SIZE * 4;
/** A header before the weights, as a safetensors file has. */
const OFFSET = 4096;
let folder: string;

/** The same small whole numbers in each stored type. */
const value = (i: number) => (i % 5) - 2;
const HALF_BITS: Record<string, readonly number[]> = {
  float16: [0xc000, 0xbc00, 0, 0x3c00, 0x4000],
  bfloat16: [0xc000, 0xbf80, 0, 0x3f80, 0x4000],
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pixelvla-placed-"));
  const floats = Float32Array.from({ length: SIZE * SIZE }, (_, i) => value(i));
  writeFileSync(join(folder, "float32"), Buffer.concat([Buffer.alloc(OFFSET), new Uint8Array(floats.buffer)]));
  for (const [dtype, bits] of Object.entries(HALF_BITS)) {
    const halves = Uint16Array.from({ length: SIZE * SIZE }, (_, i) => bits[i % 5]!);
    writeFileSync(join(folder, dtype), Buffer.concat([Buffer.alloc(OFFSET), new Uint8Array(halves.buffer)]));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function program(file: string, dtype: DType) {
  const g = new Graph();
  const source = {
    kind: "file",
    file,
    offset: OFFSET,
    byteLength: (SIZE * SIZE * (dtype === "float32" ? 32 : 16)) / 8,
    dtype,
  } as const;
  return extractProgram(g, { y: gemm(g.input("x", "float32", [1, SIZE]), g.parameter("w", [SIZE, SIZE], source)) });
}

/** Memory of this process that no file backs, in bytes. */
function ownMemory(): number {
  return Number(/RssAnon:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))![1]) * 1024;
}

async function firstColumns(model: ReturnType<typeof placeModel>, widenWeights: "once" | "every run") {
  const session = await OrtSession.create(model, { provider: "cpu", threads: 1, widenWeights });
  const x = new Float32Array(SIZE);
  x[1] = 1; // picks row 1 of the matrix
  const y = (await session.run({ x }))["y"]!.slice(0, 10);
  return { y: [...y].map(Number), session };
}

const expected = Array.from({ length: 10 }, (_, i) => value(SIZE + i));

test.each(["float32", "float16", "bfloat16"] as const)("weights stored as %s are read in place", async (dtype) => {
  const model = placeModel(program(join(folder, dtype), dtype), {});
  expect(model.bytes.length).toBeLessThan(2000);
  for (const widen of ["once", "every run"] as const) {
    const { y, session } = await firstColumns(model, widen);
    expect(y).toEqual(expected);
    await session.dispose();
  }
});

test.skipIf(process.platform !== "linux")("float32 weights are mapped from their file, not copied", async () => {
  const model = placeModel(program(join(folder, "float32"), "float32"), {});
  const before = ownMemory();
  const { y, session } = await firstColumns(model, "once");
  const grown = ownMemory() - before;
  expect(y).toEqual(expected);
  expect(grown).toBeLessThan(BYTES / 4);
  await session.dispose();
});

test("a link to a weight file is followed", async () => {
  const link = join(folder, "link");
  symlinkSync(join(folder, "float32"), link);
  const { y, session } = await firstColumns(placeModel(program(link, "float32"), {}), "once");
  expect(y).toEqual(expected);
  await session.dispose();
});

test("weights of several folders are referenced from the folder that holds them all", () => {
  const g = new Graph();
  const region = (file: string) => ({ kind: "file", file, offset: 0, byteLength: 16, dtype: "float32" }) as const;
  const other = mkdtempSync(join(tmpdir(), "pixelvla-placed-"));
  writeFileSync(join(other, "w"), new Uint8Array(16));
  const a = g.parameter("a", [2, 2], region(join(folder, "float32")));
  const b = g.parameter("b", [2, 2], region(join(other, "w")));
  const model = placeModel(extractProgram(g, { y: gemm(a, b) }), {});
  expect(folder.startsWith(model.weightsFolder!) && other.startsWith(model.weightsFolder!)).toBe(true);
  rmSync(other, { recursive: true });
});

test("a missing weight file is named", () => {
  expect(() => placeModel(program(join(folder, "absent"), "float32"), {})).toThrow(/"w".*absent/);
});
