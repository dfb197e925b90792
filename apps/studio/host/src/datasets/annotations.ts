import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import {
  decodeCocoRle,
  openAnnotations,
  sidecarPath,
  type AnnotationReader,
  type DatasetInfo,
  type Episode,
  type FrameAnnotation as StoredFrame,
  type ReviewDecision,
  type StoredAnnotations,
} from "@pixelvla/data";
import type { AnnotationState, EpisodeAnnotation, FrameAnnotation } from "@pixelvla/studio-contract";
import sharp from "sharp";
import type { TaggedBytes } from "../net/send.ts";
import type { Workspace } from "../workspace.ts";
import type { EpisodeTable } from "./episode-table.ts";
import { refuseEscapingLinks } from "./escaping-links.ts";

const REFRESH_MS = 5000;
const PAGE = 5000;
const STATES: Readonly<Record<ReviewDecision, AnnotationState>> = {
  pending: "annotated",
  accepted: "accepted",
  corrected: "accepted",
  rejected: "rejected",
  hard: "annotated",
};

/** Masks and prompts of a dataset: its own columns, or the sidecar folder beside it. */
export class DatasetAnnotations {
  readonly #reader: AnnotationReader;
  readonly #info: DatasetInfo;
  #refreshedMs = -Infinity;
  #last: { readonly episodeIndex: number; readonly stored: Promise<StoredAnnotations | undefined> } | undefined;

  private constructor(reader: AnnotationReader, info: DatasetInfo) {
    this.#reader = reader;
    this.#info = info;
  }

  /**
   * Opens the annotations of a dataset; undefined where it has none, or where they lie outside what the studio may read.
   * @throws PVLA_STUDIO_LINK, PVLA_PIXELS_* for a damaged store
   */
  static async open(info: DatasetInfo, workspace: Workspace): Promise<DatasetAnnotations | undefined> {
    const isOwn = existsSync(join(info.root, ".pixelvla"));
    const store = isOwn ? info.root : sidecarPath(info.root);
    const target = await realpath(store).catch(() => undefined);
    if (target === undefined || !existsSync(join(target, ".pixelvla")) || !(await workspace.allows(target)))
      return undefined;
    if (!isOwn) await refuseEscapingLinks(target, info.name, workspace);
    return new DatasetAnnotations(await openAnnotations(info.root), info);
  }

  /** Writes each episode's state into the table, and again at most every five seconds when others have annotated or reviewed meanwhile. */
  async fill(table: EpisodeTable): Promise<void> {
    if (performance.now() - this.#refreshedMs < REFRESH_MS) return;
    const isFirst = this.#refreshedMs === -Infinity;
    this.#refreshedMs = performance.now();
    const { index } = this.#reader;
    if (!(await index.refresh()) && !isFirst) return;
    this.#last = undefined;
    for (let page = 0, total = Infinity; page * PAGE < total; page++) {
      const found = await index.episodes({ sort: "episode", page, pageSize: PAGE });
      total = found.total;
      for (const { episodeIndex, decision, nAnnotated } of found.rows)
        table.setAnnotation(episodeIndex, nAnnotated === 0 ? "none" : STATES[decision]);
    }
  }

  /** Prompts of every annotated frame of an episode, in fractions of the image; null where it has none. */
  async episode(episode: Episode, state: AnnotationState): Promise<EpisodeAnnotation | null> {
    const stored = await this.#stored(episode.episodeIndex);
    const frames: FrameAnnotation[] = [];
    let first: StoredFrame | undefined;
    for (const [frameIndex, found] of this.#byFrame(stored, episode)) {
      first ??= found;
      frames.push(inFractions(found, frameIndex, this.#sizeOf(found)));
    }
    if (first === undefined) return null;
    const confidence = frames.reduce((sum, frame) => sum + (frame.confidence ?? 0), 0) / frames.length;
    const provenance = `${first.model} ${first.modelVersion}`.trim();
    return { targetPhrase: first.phrase, state, camera: first.camera, confidence, provenance, frames };
  }

  /** The mask of a frame as an 8-bit grey PNG, 255 on the object; undefined where it has none or it belongs to another camera. */
  async mask(episode: Episode, frameIndex: number, camera: string): Promise<TaggedBytes | undefined> {
    const stored = await this.#stored(episode.episodeIndex);
    const found = new Map(this.#byFrame(stored, episode)).get(frameIndex);
    if (found?.mask === undefined || found.camera !== camera) return undefined;
    const { widthPx, heightPx, data } = decodeCocoRle(
      found.mask,
      `episode ${episode.episodeIndex}, frame ${frameIndex}`,
    );
    const grey = data.map((value) => (value === 0 ? 0 : 255));
    const bytes = await sharp(grey, { raw: { width: widthPx, height: heightPx, channels: 1 } })
      .toColourspace("b-w")
      .png({ compressionLevel: 3 })
      .toBuffer();
    return { mime: "image/png", bytes };
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }

  #stored(episodeIndex: number): Promise<StoredAnnotations | undefined> {
    if (this.#last?.episodeIndex !== episodeIndex)
      this.#last = { episodeIndex, stored: this.#reader.episode(episodeIndex) };
    return this.#last.stored;
  }

  /** Annotated frames by their index in the episode: annotations are keyed by recorded frames. */
  #byFrame(stored: StoredAnnotations | undefined, { rawFrameIndex }: Episode): [number, StoredFrame][] {
    const byRaw = new Map(Array.from(stored?.rawFrameIndex ?? [], (raw, i) => [raw, stored?.annotations[i]]));
    return Array.from(rawFrameIndex).flatMap((raw, frameIndex): [number, StoredFrame][] => {
      const found = byRaw.get(raw);
      return found === undefined ? [] : [[frameIndex, found]];
    });
  }

  #sizeOf({ mask, camera }: StoredFrame): readonly [number, number] {
    if (mask !== undefined) return [mask.size[1], mask.size[0]];
    const info = this.#info.cameras.find(({ key }) => key === camera);
    return [info?.widthPx ?? 1, info?.heightPx ?? 1];
  }
}

function inFractions(
  { box, points, lines, score, mask }: StoredFrame,
  frameIndex: number,
  [widthPx, heightPx]: readonly [number, number],
): FrameAnnotation {
  return {
    frameIndex,
    box: box === undefined ? undefined : [box.x0 / widthPx, box.y0 / heightPx, box.x1 / widthPx, box.y1 / heightPx],
    points: points.map(({ x, y, isObject }) => ({ x: x / widthPx, y: y / heightPx, isPositive: isObject })),
    lines: lines.map((line) => line.flatMap(([x, y]) => [x / widthPx, y / heightPx])),
    confidence: score,
    hasMask: mask !== undefined,
  };
}
