// Makes a finished annotation job of many episodes: node --conditions=@pixelvla/source --import tsx perf/make-review.ts WORKSPACE [EPISODES]
import { existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { annotationJobSchema, loadAnnotationRecipe } from "@pixelvla/annotator";
import { encodeCocoRle, frameAnnotation, openDataset, sidecarDataset, SidecarWriter } from "@pixelvla/data";
import { stringify } from "yaml";
import { discOf, PICTURES, pictureDisc } from "./make-dataset.ts";

const RECIPE = fileURLToPath(new URL("../../../../recipes/annotate-embedded.yaml", import.meta.url));
/** The most doubted episodes, which a reviewer sees first, have a mask in every frame. */
const MASKED = 400;

/**
 * Writes the job `runs/review-EPISODES` over the dataset `datasets/many` of `make-dataset.ts`: the queue has `nEpisodes` lines (more than
 * the dataset has episodes, the last ones can only be looked at in the list), and the first of them have exact masks of their discs. A
 * job that was made before is left as it is.
 */
export async function makeReview(workspace: string, nEpisodes: number): Promise<string> {
  const job = join(workspace, "runs", `review-${nEpisodes}`);
  const mark = join(job, ".made");
  if (existsSync(mark)) return job;
  const dataset = realpathSync(join(workspace, "datasets", "many"));
  const opened = await openDataset(dataset);
  const { info } = opened;
  const camera = info.primaryCamera ?? "";
  const given = { camera, phrase: "disc", model: "made", modelVersion: "1" };
  mkdirSync(job, { recursive: true });
  const writer = await SidecarWriter.open(join(job, "annotations"), sidecarDataset(info));
  for (let e = 0; e < nEpisodes; e++) {
    // Doubts from all over the dataset come first, as a real queue has them.
    const rank = (e * 7919) % nEpisodes;
    const isMasked = rank < MASKED && e < info.nEpisodes;
    const frames = isMasked ? Array.from((await opened.episode(e)).rawFrameIndex) : [0];
    const annotations = frames.map((t) =>
      frameAnnotation({
        ...given,
        score: 0.5,
        origin: t === 0 ? "detected" : "tracked",
        ...(isMasked ? { mask: encodeCocoRle(pictureDisc((e * 31 + t) % PICTURES)) } : {}),
      }),
    );
    await writer.add({
      episodeIndex: e,
      split: "train",
      task: `pick up the disc of table ${e % 997}`,
      rawFrameIndex: Int32Array.from(frames),
      annotations,
      run: "made",
      doubt: isMasked ? 1 - rank / (4 * MASKED) : 0.5 * (1 - rank / nEpisodes),
      doubtReason: "made for measuring",
    });
  }
  await writer.close();
  await opened.close();
  const config = annotationJobSchema.parse({ dataset, recipe: loadAnnotationRecipe(RECIPE, []) });
  writeFileSync(join(job, "config.yaml"), stringify(config));
  const at = new Date(Date.UTC(2026, 0, 1)).toISOString();
  const progress = { done: nEpisodes, total: nEpisodes, unit: "episodes", ratePerS: 2, etaS: 0 };
  const times = { createdAt: at, startedAt: at, heartbeatAt: at, endedAt: at };
  const status = { version: 1, kind: "annotate", state: "done", pid: 1, host: hostname(), workedS: 1, phase: null };
  writeFileSync(join(job, "status.json"), JSON.stringify({ ...status, ...times, progress, error: null }));
  writeFileSync(join(job, "log.txt"), "done\n");
  const discs = Array.from({ length: PICTURES }, (_, index) => discOf(index));
  writeFileSync(join(workspace, "discs.json"), JSON.stringify(discs)); // for who clicks on them
  writeFileSync(mark, "");
  return job;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [workspace, nEpisodes = "160000"] = process.argv.slice(2);
  if (workspace === undefined) throw new Error("Usage: make-review.ts WORKSPACE [EPISODES]");
  console.log(await makeReview(workspace, Number(nEpisodes)));
}
