import { useEffect, useEffectEvent, useState } from "react";
import { frameUrl, maskUrl } from "@pixelvla/studio-contract/urls";
import type { DatasetDetail, EpisodeAnnotation, EpisodeDetail } from "../../host/types.ts";
import { fetchPicture } from "./fetch-picture.ts";
import { PictureStore } from "./picture-store.ts";
import { Player } from "./player.ts";

/** An open episode: its player and the pictures of the chosen camera. */
export interface Session {
  readonly player: Player;
  readonly images: PictureStore<ImageBitmap>;
  /** Masks of the annotated camera; undefined where the episode or the chosen camera has none. */
  readonly masks: PictureStore<ImageBitmap> | undefined;
  readonly maskFrames: ReadonlySet<number>;
}

const IMAGE_BUDGET_BYTES = 96 * 1024 ** 2;
const MASK_BUDGET_BYTES = 32 * 1024 ** 2;
/** Assumed where a dataset states no rate. */
const DEFAULT_FPS = 5;

interface SessionInput {
  readonly dataset: DatasetDetail;
  readonly episode: EpisodeDetail;
  readonly annotation: EpisodeAnnotation | null;
  readonly camera: string;
  readonly frameIndex: number;
  readonly onProblem: (error: unknown) => void;
}

function openSession({
  dataset,
  episode,
  annotation,
  camera,
  frameIndex,
  onProblem,
}: SessionInput): Session & { close(): void } {
  const { datasetId, revision } = dataset;
  const { episodeIndex, nFrames } = episode;
  const address = (index: number) => ({ datasetId, revision, episodeIndex, frameIndex: index, camera });
  const images = new PictureStore<ImageBitmap>({
    nFrames,
    budgetBytes: IMAGE_BUDGET_BYTES,
    fetch: (index, signal) => fetchPicture(frameUrl(address(index)), signal),
  });
  const maskFrames = new Set(
    annotation?.camera === camera
      ? annotation.frames.filter((frame) => frame.hasMask).map((frame) => frame.frameIndex)
      : [],
  );
  const masks =
    maskFrames.size === 0
      ? undefined
      : new PictureStore<ImageBitmap>({
          nFrames,
          budgetBytes: MASK_BUDGET_BYTES,
          maxPrefetch: 2,
          fetch: (index, signal) =>
            maskFrames.has(index)
              ? fetchPicture(maskUrl(address(index)), signal)
              : createImageBitmap(new ImageData(1, 1)),
        });
  const stores = masks === undefined ? [images] : [images, masks];
  const player = new Player({
    nFrames,
    fps: episode.fps ?? DEFAULT_FPS,
    frameIndex,
    pictures: () => stores,
    onProblem,
  });
  player.refresh();
  return {
    player,
    images,
    masks,
    maskFrames,
    close() {
      player.close();
      for (const store of stores) store.close();
    },
  };
}

/** The session of the shown episode and camera; a new one when either changes, the old one's memory freed. */
export function useSession(input: SessionInput | undefined): Session | undefined {
  const [session, setSession] = useState<Session>();
  const open = useEffectEvent(() => (input === undefined ? undefined : openSession(input)));
  const { dataset, episode, annotation, camera } = input ?? {};
  useEffect(() => {
    const opened = open();
    setSession(opened);
    return () => opened?.close();
  }, [dataset?.revision, dataset?.datasetId, episode?.episodeIndex, annotation, camera]);
  return session;
}
