import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { openDataset } from "../src/index.ts";
import { Example } from "../src/rlds/example.ts";
import { flattenFeatures } from "../src/rlds/features.ts";
import { rldsLayout } from "../src/rlds/layout.ts";
import { RldsRecord } from "../src/rlds/record.ts";
import {
  dict,
  encodeExample,
  image,
  plainFeatures,
  plainRecord,
  steps,
  tensor,
  text,
  writeRlds,
  type FeatureValue,
} from "./write-rlds.ts";

const scratch = mkdtempSync(join(tmpdir(), "pixelvla-rlds-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const read = (features: unknown, record: Record<string, FeatureValue>, options = {}) =>
  new RldsRecord(encodeExample(record, options), rldsLayout(flattenFeatures(features, "features.json")), { file: "x" });

test("packed and unpacked lists, negative and large int64 read alike", () => {
  const values: Record<string, FeatureValue> = {
    f: { float: [1.5, -2.25, 3e38] },
    i: { int64: [0, 1, -1, 300, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 32n] },
    b: { bytes: [Buffer.from("a"), Buffer.alloc(0), Buffer.from("cc")] },
    n: { none: true },
  };
  for (const unpacked of [false, true]) {
    const example = new Example(encodeExample(values, { unpacked }), { file: "x" });
    expect([...example.keys()]).toEqual(["f", "i", "b", "n"]);
    expect(example.feature("f")).toEqual({ kind: "float", values: Float32Array.of(1.5, -2.25, 3e38) });
    expect(example.feature("i")).toEqual({
      kind: "int64",
      values: BigInt64Array.of(0n, 1n, -1n, 300n, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 32n),
    });
    expect(example.feature("b")).toMatchObject({ kind: "bytes" });
    expect(example.feature("n")).toEqual({ kind: "none" });
    expect(example.feature("absent")).toBeUndefined();
  }
});

test("tensors stored as raw or zlib bytes, ragged sequences and dicts of actions read by their specification", () => {
  const features = dict({
    steps: steps({
      is_last: tensor("bool"),
      reward: tensor("float64"),
      raw: tensor("int16", [2], "bytes"),
      packed: tensor("float64", [2], "zlib"),
      ragged: { sequence: { feature: tensor("int32") } },
      matrix: tensor("float32", [2, 2]),
      action: dict({
        world_vector: tensor("float32", [3]),
        terminate_episode: tensor("int32", [3]),
        grip: tensor("float32", [1]),
      }),
    }),
    episode_metadata: dict({
      file_path: text,
      where: { pythonClassName: "ClassLabel", classLabel: { numClasses: "3" } },
    }),
  });
  const raw = (x: Int16Array | Float64Array) => Buffer.from(new Uint8Array(x.buffer));
  const record = read(features, {
    "steps/is_last": { int64: [0, 1] },
    "steps/reward": { float: [0.5, 1] },
    "steps/raw": { bytes: [raw(Int16Array.of(-1, 2)), raw(Int16Array.of(3, 4))] },
    "steps/packed": { bytes: [deflateSync(raw(Float64Array.of(1, 2))), deflateSync(raw(Float64Array.of(3, 4)))] },
    "steps/ragged/ragged_flat_values": { int64: [1, 2, 3] },
    "steps/ragged/ragged_row_lengths_0": { int64: [0, 3] },
    "steps/matrix": { float: [1, 2, 3, 4, 5, 6, 7, 8] },
    "steps/action/world_vector": { float: [1, 2, 3, 4, 5, 6] },
    "steps/action/terminate_episode": { int64: [0, 0, 0, 0, 0, 1] },
    "steps/action/grip": { float: [0.25, 0.75] },
    "episode_metadata/file_path": { bytes: [Buffer.from("/a/b")] },
    "episode_metadata/where": { int64: [2] },
  });
  expect(record.nFrames).toBe(2);
  expect(record.numeric("raw")).toEqual({ values: Float32Array.of(-1, 2, 3, 4), width: 2 });
  expect(record.numeric("packed")).toEqual({ values: Float32Array.of(1, 2, 3, 4), width: 2 });
  expect(record.numeric("ragged")).toBeUndefined();
  expect(record.ragged("ragged")).toEqual({ values: Float32Array.of(1, 2, 3), rowLengths: Float32Array.of(0, 3) });
  expect(record.numeric("matrix")?.width).toBe(4);
  expect(record.texts("episode_metadata/file_path")).toEqual(["/a/b"]);
});

test("a dataset of no known family passes its actions through, from a gzipped shard too", async () => {
  for (const gzip of [false, true]) {
    const folder = join(scratch, `plain-${gzip}`);
    writeRlds(folder, { features: plainFeatures, records: [3, 5].map((n) => encodeExample(plainRecord(n))), gzip });
    const dataset = await openDataset(folder);
    expect(dataset.info).toMatchObject({ standardisation: "generic", nEpisodes: 2, cameras: [], fps: undefined });
    const lengths = [];
    for await (const { nFrames, task } of dataset.summaries()) lengths.push([nFrames, task]);
    expect(lengths).toEqual([
      [3, "push it"],
      [5, "push it"],
    ]);
    const episode = await dataset.episode(1);
    expect([...episode.action]).toEqual([...Float32Array.from({ length: 35 }, (_, i) => (i % 7 === 6 ? 1 : i / 100))]);
    expect(episode.state).toHaveLength(15);
    await dataset.close();
  }
});

test("Fractal gets absolute grippers from relative commands, OXE Bridge its relabelled motion", async () => {
  const fractal = dict({
    steps: steps({
      is_first: tensor("bool"),
      action: dict({
        world_vector: tensor("float32", [3]),
        rotation_delta: tensor("float32", [3]),
        gripper_closedness_action: tensor("float32", [1]),
      }),
      observation: dict({
        image: image(256, 320),
        natural_language_instruction: text,
        base_pose_tool_reached: tensor("float32", [7]),
        gripper_closed: tensor("float32", [1]),
      }),
    }),
  });
  const n = 5;
  const list = (width: number, at = 0) => ({ float: Array.from({ length: n * width }, (_, i) => i / 10 + at) });
  const record = encodeExample({
    "steps/is_first": { int64: [1, 0, 0, 0, 0] },
    "steps/action/world_vector": list(3),
    "steps/action/rotation_delta": list(3, 100),
    "steps/action/gripper_closedness_action": { float: [0, 1, 0, -1, 0] },
    "steps/observation/image": { bytes: Array.from({ length: n }, () => Buffer.alloc(0)) },
    "steps/observation/natural_language_instruction": {
      bytes: Array.from({ length: n }, () => Buffer.from("pick coke can")),
    },
    "steps/observation/base_pose_tool_reached": list(7),
    "steps/observation/gripper_closed": { float: [0, 0, 1, 1, 0] },
  });
  writeRlds(join(scratch, "fractal"), { name: "fractal20220817_data", features: fractal, records: [record] });
  const dataset = await openDataset(join(scratch, "fractal"));
  expect(dataset.info).toMatchObject({ standardisation: "fractal", fps: 3, primaryCamera: "image" });
  expect(dataset.info.cameras).toEqual([{ key: "image", heightPx: 256, widthPx: 320 }]);
  const episode = await dataset.episode(0);
  expect([...episode.rawGripper!]).toEqual([1, 0, 0, 1, 1]);
  expect(episode.task).toBe("pick coke can");
  expect([...episode.action.subarray(7, 14)]).toEqual([...Float32Array.of(0.3, 0.4, 0.5, 100.3, 100.4, 100.5, 0)]);
  await expect(episode.image("image", 2)).rejects.toMatchObject({ code: "PVLA_DATA_IMAGE" });
  await expect(episode.image("imag", 2)).rejects.toThrow(/Did you mean "image"/);
  await dataset.close();

  const oxe = dict({
    steps: steps({
      is_first: tensor("bool"),
      action: dict({
        world_vector: tensor("float32", [3]),
        rotation_delta: tensor("float32", [3]),
        open_gripper: tensor("bool"),
        terminate_episode: tensor("float32"),
      }),
      observation: dict({ state: tensor("float32", [7]), natural_language_instruction: text }),
    }),
  });
  const bridge = encodeExample({
    "steps/is_first": { int64: [1, 0, 0, 0, 0] },
    "steps/action/world_vector": list(3),
    "steps/action/rotation_delta": list(3),
    "steps/action/open_gripper": { int64: [1, 1, 1, 0, 0] },
    "steps/action/terminate_episode": { float: [0, 0, 0, 0, 1] },
    "steps/observation/state": { float: Array.from({ length: n * 7 }, (_, i) => i * i) },
    "steps/observation/natural_language_instruction": { bytes: Array.from({ length: n }, () => Buffer.from("go")) },
  });
  writeRlds(join(scratch, "bridge"), { name: "bridge", features: oxe, records: [bridge] });
  const opened = await openDataset(join(scratch, "bridge"));
  const moved = await opened.episode(0);
  expect([...moved.rawFrameIndex]).toEqual([1, 2, 3]);
  expect([...moved.action.subarray(0, 7)]).toEqual([7, 8, 9, 10, 11, 12].map((i) => (i + 7) ** 2 - i * i).concat(1));
  expect(moved.rawAction).toHaveLength(3 * 7);
  await opened.close();
});
