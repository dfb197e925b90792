import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeCocoRle, maskArea, maskIou, openAnnotations, type BinaryMask } from "@pixelvla/data";
import { ROLLOUT_DEFAULTS, runEpisode, TASKS, type EpisodeKey, type TaskName } from "@pixelvla/bench";
import { DEFAULT_NOISE, noisyExpert, pixelDatasetSink, recordDemonstrations } from "@pixelvla/bench/recording";

/** Which evaluation layouts are recorded. */
export interface TabletopPlan {
  readonly root: string;
  readonly embodiment: EpisodeKey["embodiment"];
  readonly tasks: readonly TaskName[];
  readonly variants: readonly string[];
  readonly nEpisodes: number;
  readonly imageSizePx: number;
}

/** Seeds below those of demonstrations, so that no network of ours was trained on these layouts; apart from policy evaluations. */
export const SCORE_SEEDS_FROM = 50_000;

export const tasksNamed = (list: string): TaskName[] =>
  list === "all" ? [...TASKS] : list.split(",").map((name) => TASKS.find((task) => task === name) ?? unknown(name));

function unknown(name: string): never {
  throw new Error(`no task family is named "${name}"; there are ${TASKS.join(", ")}`);
}

/** Records episodes with exact masks in `root`; the keys in the order of the dataset's episodes. */
export async function recordTabletop({ root, embodiment, imageSizePx, ...plan }: TabletopPlan): Promise<EpisodeKey[]> {
  const sink = await pixelDatasetSink(root, embodiment, imageSizePx, "stored");
  const keys: EpisodeKey[] = [];
  await recordDemonstrations(
    { ...plan, embodiment, imageSizePx, firstSeed: SCORE_SEEDS_FROM, threads: 1 },
    { ...sink, add: (demonstration) => (keys.push(demonstration.key), sink.add(demonstration)) },
  );
  return keys;
}

/** Recorded episodes in `folder`, recorded first if they are not there. */
export async function recordedTabletop(folder: string, plan: TabletopPlan): Promise<EpisodeKey[]> {
  const list = join(folder, "episodes.json");
  if (existsSync(list)) return JSON.parse(readFileSync(list, "utf8")) as EpisodeKey[];
  const keys = await recordTabletop(plan);
  writeFileSync(list, JSON.stringify(keys));
  return keys;
}

/** How the annotations of one episode compare with the exact masks. */
export interface EpisodeScore {
  /** IoU of every frame in which the target is visible; 0 where no mask was given. */
  readonly ious: readonly number[];
  /** IoU in the key frame. */
  readonly keyIou: number;
  readonly keyMask: BinaryMask;
}

type Annotations = Awaited<ReturnType<typeof openAnnotations>>;

/** Reads exact masks and annotations episode by episode. */
export class MaskComparison {
  readonly #exact: Annotations;
  readonly #ours: Annotations;

  private constructor(exact: Annotations, ours: Annotations) {
    this.#exact = exact;
    this.#ours = ours;
  }

  static async open(datasetRoot: string, annotationsRoot: string): Promise<MaskComparison> {
    return new MaskComparison(await openAnnotations(datasetRoot), await openAnnotations(annotationsRoot));
  }

  /** Exact masks of an episode by frame; frames whose target is hidden are left out. */
  async exactMasks(episodeIndex: number): Promise<Map<number, BinaryMask>> {
    return masksOf(await this.#exact.episode(episodeIndex));
  }

  async score(episodeIndex: number, keyFrame: number): Promise<EpisodeScore> {
    const exact = await this.exactMasks(episodeIndex);
    const ours = masksOf(await this.#ours.episode(episodeIndex));
    const iou = (frame: number) => {
      const [a, b] = [exact.get(frame), ours.get(frame)];
      return a === undefined || b === undefined ? 0 : maskIou(a, b);
    };
    return { ious: [...exact.keys()].map(iou), keyIou: iou(keyFrame), keyMask: ours.get(keyFrame)! };
  }

  async close(): Promise<void> {
    await Promise.all([this.#exact.close(), this.#ours.close()]);
  }
}

function masksOf(stored: Awaited<ReturnType<Annotations["episode"]>>): Map<number, BinaryMask> {
  const masks = new Map<number, BinaryMask>();
  stored?.annotations.forEach((annotation, i) => {
    if (annotation?.mask === undefined) return;
    const mask = decodeCocoRle(annotation.mask);
    if (maskArea(mask) > 0) masks.set(stored.rawFrameIndex[i]!, mask);
  });
  return masks;
}

/** What a wrong mask lies on: plays the recording again up to its frame and asks the ray caster. */
export async function whatIsUnder(
  mask: BinaryMask,
  frameIndex: number,
  key: EpisodeKey,
  imageSizePx: number,
): Promise<string> {
  let answer = "nothing";
  await runEpisode(noisyExpert(DEFAULT_NOISE), key, {
    ...ROLLOUT_DEFAULTS,
    imageSizePx,
    executeSteps: 1,
    end: "settled",
    onStep({ stepIndex, spec, frame }) {
      if (stepIndex !== frameIndex) return;
      const { segmentation, owners } = frame();
      const counts = new Map<number, number>();
      segmentation.forEach((owner, i) => mask.data[i] === 1 && counts.set(owner, (counts.get(owner) ?? 0) + 1));
      const [owner = -1] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
      const object = spec.scene.objects.find(({ id }) => id === owners[owner]);
      answer = object === undefined ? (owners[owner] ?? "background") : `${object.colour} ${object.shape}`.trim();
    },
  });
  return answer;
}
