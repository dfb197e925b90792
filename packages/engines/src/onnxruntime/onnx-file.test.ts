import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { add, extractProgram, Graph, toOnnx } from "@pixelvla/core";
import { afterAll, expect, test } from "vitest";
import { openOnnxFile } from "./onnx-file.ts";

const folder = mkdtempSync(join(tmpdir(), "pixelvla-onnx-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

function model(): Uint8Array {
  const g = new Graph();
  const x = g.input("x", "float32", [2, 3]);
  return toOnnx(extractProgram(g, { y: add(x, x) }), { placement: () => "input" }).bytes;
}

test("a file says what it takes and gives, and runs in its own thread", async () => {
  const path = join(folder, "twice.onnx");
  writeFileSync(path, model());
  const file = await openOnnxFile(path, { provider: "cpu", threads: 1 });
  expect(file.inputs).toEqual([{ name: "x", type: "float32", shape: [2, 3] }]);
  expect(file.outputs).toEqual([{ name: "y", type: "float32", shape: [2, 3] }]);
  const x = { type: "float32", data: Float32Array.of(1, 2, 3, 4, 5, 6), dims: [2, 3] };
  const { y } = await file.run({ x });
  expect(y).toMatchObject({ type: "float32", dims: [2, 3] });
  expect([...(y!.data as Float32Array)]).toEqual([2, 4, 6, 8, 10, 12]);
  await expect(file.run({ x: { ...x, dims: [3, 2] } })).rejects.toMatchObject({ code: "PVLA_ENGINE_RUN" });
  await file.dispose();
  await expect(file.run({ x })).rejects.toMatchObject({ code: "PVLA_DISPOSED" });
});

test.each([
  ["absent.onnx", undefined],
  ["truncated.onnx", model().subarray(0, 40)],
  ["picture.onnx", new TextEncoder().encode("this is no model at all")],
])("%s is refused with its path", async (name, bytes) => {
  const path = join(folder, name);
  if (bytes !== undefined) writeFileSync(path, bytes);
  await expect(openOnnxFile(path, { provider: "cpu" })).rejects.toMatchObject({
    code: "PVLA_ONNX_FILE",
    message: expect.stringContaining(path) as string,
  });
});
