import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { DEFAULT_NOISE } from "./noisy-expert.ts";
import { pixelDatasetSink } from "./pixel-dataset-sink.ts";
import { recordDemonstrations } from "./record-demonstrations.ts";
import { replayDemonstrations } from "./replay-demonstrations.ts";

test("recorded actions succeed again; with the gripper inverted, or at a tenth of their size, they do not", async () => {
  const root = join(mkdtempSync(join(tmpdir(), "pixelvla-replay-")), "demos");
  const plan = { embodiment: "widowx", tasks: ["pick"], variants: ["base"], nEpisodes: 3, imageSizePx: 16 } as const;
  await recordDemonstrations(
    { ...plan, noise: DEFAULT_NOISE, threads: 0 },
    await pixelDatasetSink(root, "widowx", 16, "stored"),
  );
  expect(await replayDemonstrations({ root, nEpisodes: 3 })).toEqual({ nReplayed: 3, nSucceeded: 3, failed: [] });
  const inverted = (action: Float32Array) => {
    action[6] = 1 - action[6]!;
  };
  // An inverted gripper sometimes still catches the object while it closes on the way up.
  expect((await replayDemonstrations({ root, nEpisodes: 3, transform: inverted }))!.nSucceeded).toBeLessThan(3);
  const small = (action: Float32Array) => {
    for (let d = 0; d < 6; d++) action[d]! *= 0.1;
  };
  expect((await replayDemonstrations({ root, nEpisodes: 2, transform: small }))!.failed).toEqual([
    "widowx/pick/base/100000",
    "widowx/pick/base/100002",
  ]);
});
