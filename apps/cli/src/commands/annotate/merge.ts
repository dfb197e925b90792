import { resolve } from "node:path";
import { funnelText, mergeShards } from "@pixelvla/annotator";
import { defineCommand } from "citty";
import { jsonArg, printResult } from "../../terminal/output.ts";
import { createProgress } from "../../terminal/progress.ts";

export const annotateMergeCommand = defineCommand({
  meta: { name: "merge", description: "Merge the finished shards of a run; merging again changes nothing" },
  args: {
    shards: { type: "positional", required: true, description: "Job directories of all shards" },
    out: { type: "string", required: true, description: "Job directory of the whole run" },
    sidecar: { type: "string", description: "Folder of the annotations (default OUT/annotations)" },
    ...jsonArg,
  },
  async run({ args }) {
    const progress = createProgress({ json: args.json });
    const outcome = await mergeShards({
      dir: resolve(args.out),
      shards: args._.map((shard) => resolve(shard)),
      sidecar: args.sidecar === undefined ? undefined : resolve(args.sidecar),
      onProgress: (done, total) => progress.update({ done, total, unit: "episodes" }),
    });
    progress.end();
    printResult(args.json, outcome, () => `${funnelText(outcome.funnel)}\nmasks   ${outcome.sidecar}`);
  },
});
