import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { encodeExample, plainFeatures, plainRecord, writeRlds } from "../../test/write-rlds.ts";
import { readJson } from "../json-file.ts";
import { readRldsInfo } from "./dataset-info.ts";
import { EpisodeIndex } from "./episode-index.ts";
import { flattenFeatures } from "./features.ts";
import { RecordFilePool } from "./file-pool.ts";
import { fingerprint, indexPath, loadIndex, saveIndex } from "./index-store.ts";
import { rldsLayout } from "./layout.ts";

const scratch = mkdtempSync(join(tmpdir(), "pixelvla-index-"));
afterAll(() => rmSync(scratch, { recursive: true }));

test("a stored index answers without touching the shards, until one changes", async () => {
  const root = join(scratch, "set");
  const records = ["a", "b", "a"].map((task, i) => encodeExample(plainRecord(3 + i, { task })));
  const shard = writeRlds(root, { features: plainFeatures, records });
  const layout = rldsLayout(flattenFeatures(await readJson(join(root, "features.json")), "features.json"));
  const pool = new RecordFilePool();
  const first = new EpisodeIndex(await readRldsInfo(root), layout, pool, undefined);
  expect(await first.snapshot()).toBeUndefined(); // nothing read yet
  const summaries = [await first.summary(0), await first.summary(1), await first.summary(2)];
  const path = indexPath(root, join(scratch, "cache"));
  await saveIndex(path, { ...(await first.snapshot())!, fingerprint: await fingerprint(first.shards) });

  const second = new EpisodeIndex(await readRldsInfo(root), layout, pool, undefined);
  second.restore((await loadIndex(path, await fingerprint(second.shards)))!);
  expect([await second.summary(0), await second.summary(1), await second.summary(2)]).toEqual(summaries);
  expect(second.tasks).toEqual(["a", "b"]);

  appendFileSync(shard, "x");
  expect(await loadIndex(path, await fingerprint(second.shards))).toBeUndefined();
  writeFileSync(path, '{"version": 1, "torn');
  expect(await loadIndex(path, "anything")).toBeUndefined();
  await pool.close();
});
