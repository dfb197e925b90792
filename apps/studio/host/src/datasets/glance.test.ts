import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { glanceAt } from "./glance.ts";

function folder(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "pixelvla-glance-"));
  mkdirSync(join(root, "meta"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  return root;
}

test("declared sizes are read without opening; what declares nothing, or is damaged, gives nothing", async () => {
  const lerobot = { codebase_version: "v3.0", total_episodes: 7, total_frames: 90 };
  expect(await glanceAt(folder({ "meta/info.json": JSON.stringify(lerobot) }))).toEqual({
    format: "lerobot-v3",
    nEpisodes: 7,
    nFrames: 90,
  });
  const rlds = { splits: [{ shardLengths: ["25", "5"] }, { shardLengths: [3] }] };
  expect(await glanceAt(folder({ "dataset_info.json": JSON.stringify(rlds) }))).toEqual({
    format: "rlds",
    nEpisodes: 33,
  });
  expect(await glanceAt(folder({ "task_demo.hdf5": "" }))).toEqual({ format: "libero-hdf5" });
  expect(await glanceAt(folder({ "meta/info.json": "{" }))).toEqual({});
  expect(await glanceAt(join(tmpdir(), "pixelvla-not-there"))).toEqual({});
});
