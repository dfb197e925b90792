// Whatever bytes or metadata come in: a result or a PVLA error, never another exception, a hang or a wild read.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PixelVlaError } from "@pixelvla/core";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { insideRoot } from "../src/inside-root.ts";
import { parseLerobotInfo } from "../src/lerobot/info.ts";
import { ParquetTable } from "../src/lerobot/parquet-table.ts";
import { parseRldsInfo } from "../src/rlds/dataset-info.ts";
import { Example } from "../src/rlds/example.ts";
import { flattenFeatures } from "../src/rlds/features.ts";
import { rldsLayout } from "../src/rlds/layout.ts";
import { RldsRecord } from "../src/rlds/record.ts";
import { readSparse } from "../src/rlds/sparse-summary.ts";
import { readRecord, recordPlaces } from "../src/rlds/tfrecord.ts";
import { parseSplit } from "../src/splits.ts";
import { encodeExample, frameRecords, plainFeatures, plainRecord } from "./write-rlds.ts";

const scratch = mkdtempSync(join(tmpdir(), "pixelvla-fuzz-"));
afterAll(() => rmSync(scratch, { recursive: true }));
const layout = rldsLayout(flattenFeatures(plainFeatures, "features.json"));
const payload = encodeExample(plainRecord(5));

/** Runs `read`; anything but success or a PVLA error fails the property. */
function survives(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof PixelVlaError)) throw error;
    expect(error.code).toMatch(/^PVLA_DATA_/);
  }
}

async function survivesAsync(read: () => Promise<unknown>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof PixelVlaError)) throw error;
    expect(error.code).toMatch(/^PVLA_DATA_/);
  }
}

/** `bytes` with some bytes changed and perhaps cut. */
const damaged = (bytes: Uint8Array) =>
  fc
    .tuple(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      fc.option(fc.nat(bytes.length), { freq: 3 }),
    )
    .map(([edits, end]) => {
      const copy = Uint8Array.from(bytes);
      for (const [at, value] of edits) copy[at] = value;
      return end === null ? copy : copy.subarray(0, end);
    });

function readEverything(bytes: Uint8Array): void {
  const example = new Example(bytes, { file: "x", offset: 12 });
  for (const key of example.keys()) example.feature(key);
  const record = new RldsRecord(bytes, layout, { file: "x" });
  for (const key of ["action", "observation/state"]) record.numeric(key);
  expect(typeof record.task).toBe("string");
}

test("the Example decoder survives random bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => survives(() => readEverything(bytes))),
    { numRuns: 2000 },
  );
});

test("the Example decoder survives damaged records", () => {
  fc.assert(
    fc.property(damaged(payload), (bytes) => survives(() => readEverything(bytes))),
    { numRuns: 3000 },
  );
});

test("TFRecord framing and the seeking summary survive damaged files", async () => {
  const bytes = frameRecords([payload, encodeExample(plainRecord(2)), payload]);
  const path = join(scratch, "shard");
  const everyRecord = async () => {
    const handle = await open(path, "r");
    try {
      const file = { handle, name: "shard", sizeBytes: (await handle.stat()).size };
      for await (const place of recordPlaces(file)) {
        await readSparse(file, place, new Set(["steps/is_first"]));
        await readRecord(file, place);
      }
    } finally {
      await handle.close();
    }
  };
  await fc.assert(
    fc.asyncProperty(damaged(bytes), async (harmed) => {
      writeFileSync(path, harmed);
      await survivesAsync(everyRecord);
    }),
    { numRuns: 150 },
  );
});

test("the seeking summary finds what the whole record holds", async () => {
  const path = join(scratch, "sparse");
  writeFileSync(path, frameRecords([encodeExample({ big: { bytes: [new Uint8Array(100_000)] }, ...plainRecord(40) })]));
  const handle = await open(path, "r");
  const file = { handle, name: "sparse", sizeBytes: (await handle.stat()).size };
  for await (const place of recordPlaces(file)) {
    const found = await readSparse(file, place, new Set(["steps/is_first", "steps/language_instruction"]));
    const whole = new Example(await readRecord(file, place), { file: "sparse" });
    for (const key of ["steps/is_first", "steps/language_instruction"])
      expect(found?.get(key)).toEqual(whole.feature(key));
  }
  await handle.close();
});

const json = fc.jsonValue({ maxDepth: 5 });

/** JSON that looks like the real thing but has one value replaced. */
const almost = (whole: unknown) =>
  fc.tuple(fc.nat(1000), json).map(([seed, value]) => {
    const copy = structuredClone(whole);
    let node = copy as Record<string, unknown>;
    for (let depth = seed % 7; ; depth--) {
      const keys = Object.keys(node);
      const key = keys[seed % Math.max(1, keys.length)];
      if (key === undefined) return copy;
      const next = node[key];
      if (depth <= 0 || typeof next !== "object" || next === null) {
        node[key] = value;
        return copy;
      }
      node = next as Record<string, unknown>;
    }
  });

const golden = (file: string): unknown =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`golden/${file}`, import.meta.url)), "utf8"));
const rldsInfo = {
  name: "a",
  version: "1",
  splits: [{ name: "train", filepathTemplate: "{DATASET}", numBytes: "1", shardLengths: ["2"] }],
};

test("metadata parsers survive any JSON and near misses of the real thing", () => {
  const check = (parse: (value: unknown) => unknown, whole: unknown) =>
    fc.assert(
      fc.property(fc.oneof(json, almost(whole)), (value) => survives(() => parse(value))),
      { numRuns: 500 },
    );
  check((value) => parseRldsInfo(value, "/data"), rldsInfo);
  check((value) => rldsLayout(flattenFeatures(value, "features.json")), plainFeatures);
  check(parseLerobotInfo, golden("lerobot-v3/meta/info.json"));
});

test("no path from metadata leaves the root", () => {
  const part = fc.oneof(fc.constantFrom("..", ".", "", "a", "b\\..", "C:"), fc.string({ maxLength: 8 }));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) =>
      survives(() => {
        const path = insideRoot("/data/set", parts.join("/"), "info.json");
        expect(path.startsWith("/data/set")).toBe(true);
        expect(path.split(/[\\/]/)).not.toContain("..");
      }),
    ),
    { numRuns: 3000 },
  );
});

test("split expressions give ranges inside the split or a refusal", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^(train|val)?\[?-?\d{0,3}%?:?\d{0,3}%?\]?$/), (text) =>
      survives(() => {
        for (const { start, end } of parseSplit(text, [{ name: "train", nEpisodes: 50 }], "x")) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeLessThanOrEqual(50);
          expect(end).toBeGreaterThanOrEqual(start);
        }
      }),
    ),
  );
});

test("parquet tables survive damage", async () => {
  const bytes = readFileSync(
    fileURLToPath(new URL("golden/lerobot-v3/data/chunk-000/file-000.parquet", import.meta.url)),
  );
  const path = join(scratch, "table.parquet");
  await fc.assert(
    fc.asyncProperty(damaged(bytes), async (harmed) => {
      writeFileSync(path, harmed);
      await survivesAsync(async () => {
        const table = await ParquetTable.open(path, "table.parquet");
        try {
          for (const column of table.columns) await table.read(column, 0, table.nRows);
        } finally {
          await table.close();
        }
      });
    }),
    { numRuns: 200 },
  );
});
