import { promptsFromMask } from "@pixelvla/annotator";
import { frameAnnotation, maskBox, NO_QUALITY, type FrameAnnotation } from "@pixelvla/data";
import type { DecisionOutcome, FixRequest } from "@pixelvla/studio-contract";
import { badFix } from "./errors.ts";
import { annotatedFrames } from "./item.ts";
import { modelsFor } from "./models.ts";
import { maskOf } from "./prompt.ts";
import type { AnnotationStore } from "./store.ts";

/**
 * Stores an episode whose masks a person has fixed: the given frames with their masks, prompts drawn anew from them and who made them;
 * all others as they were. Then the decision `corrected`. Both are on the disk when this returns.
 *
 * @throws PVLA_STUDIO_FIX, PVLA_MASK_DECODE, PVLA_PIXELS_WRITE
 */
export async function fixEpisode(store: AnnotationStore, request: FixRequest): Promise<DecisionOutcome> {
  const { episodeIndex, fixId, author, note, frames, models } = request;
  const [dataset, stored] = await Promise.all([store.dataset(), store.annotations(episodeIndex)]);
  const episode = await dataset.episode(episodeIndex);
  const before = new Map(
    annotatedFrames(stored, episode).map(({ frameIndex, annotation }) => [frameIndex, annotation]),
  );
  const pattern = [...before.values()][0];
  const camera = pattern?.camera ?? dataset.reader.info.primaryCamera ?? "";
  const { prompts } = modelsFor("recipe", store.config).recipe;
  const model = ["a person", models].filter(Boolean).join(" + ");

  const after = new Map(before);
  for (const { frameIndex, mask: wire, origin, score } of frames) {
    if (frameIndex >= episode.nFrames) throw badFix(episodeIndex, `frame ${frameIndex}`, `0 to ${episode.nFrames - 1}`);
    const mask = wire === null ? undefined : maskOf(wire, `frame ${frameIndex}`);
    await refuseOtherSize(mask, episodeIndex, frameIndex, () => episode.image(camera, frameIndex));
    const isEmpty = mask === undefined || maskBox(mask) === undefined;
    const raw = episode.rawFrameIndex[frameIndex]!;
    const known = before.get(frameIndex) ?? pattern;
    after.set(
      frameIndex,
      frameAnnotation({
        ...carriedOver(known),
        camera,
        phrase: known?.phrase ?? "",
        score,
        origin,
        model,
        modelVersion: author,
        review: "corrected",
        mask: isEmpty ? undefined : wire!,
        ...(isEmpty ? {} : promptsFromMask(mask, prompts, `${prompts.seed}:${episodeIndex}:${raw}`)),
        quality: {
          ...NO_QUALITY,
          doubt: 1 - score,
          doubtReason: origin === "manual" ? "" : "carried from a fixed frame",
        },
      }),
    );
  }
  const indices = [...after.keys()].sort((a, b) => a - b);
  const edit = {
    episodeIndex,
    run: `fix-${fixId}`,
    rawFrameIndex: Int32Array.from(indices, (t) => episode.rawFrameIndex[t]!),
    annotations: indices.map((t) => after.get(t)),
    doubtReason: `fixed by ${author}`,
  };
  return store.fix(edit, author, note);
}

/** What a fix leaves as it was: where gripper and region are. */
const carriedOver = (known: FrameAnnotation | undefined) => ({
  gripperBox: known?.gripperBox,
  gripperScore: known?.gripperScore,
  region: known?.region,
});

async function refuseOtherSize(
  mask: { widthPx: number; heightPx: number } | undefined,
  episodeIndex: number,
  frameIndex: number,
  read: () => Promise<{ widthPx: number; heightPx: number }>,
): Promise<void> {
  if (mask === undefined) return;
  const { widthPx, heightPx } = await read();
  if (mask.widthPx !== widthPx || mask.heightPx !== heightPx)
    throw badFix(
      episodeIndex,
      `a mask of ${mask.widthPx}x${mask.heightPx} px in frame ${frameIndex}`,
      `${widthPx}x${heightPx} px, the picture's size`,
    );
}
