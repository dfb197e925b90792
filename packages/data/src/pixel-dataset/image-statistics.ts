import { featureStatistics, type FeatureStatistics } from "./feature-statistics.ts";
import { cameraFeature, type PixelLayout } from "./layout.ts";
import type { PixelEpisode } from "./pixel-episode.ts";

/** Frames of an episode, and pixels of a frame side, that colour statistics look at. */
const N_FRAMES = 3;
const N_SIDE = 24;

/** Colour statistics of each camera (3 channels in 0..1) from a few frames, on a grid of pixels. */
export async function sampleImageStatistics(
  { episode }: PixelEpisode,
  layout: PixelLayout,
): Promise<Map<string, FeatureStatistics>> {
  const statistics = new Map<string, FeatureStatistics>();
  const n = Math.min(N_FRAMES, episode.nFrames);
  for (const { key } of layout.cameras) {
    const samples: number[] = [];
    for (let i = 0; i < n; i++) {
      const { widthPx, heightPx, data } = await episode.image(key, Math.floor((i * episode.nFrames) / n));
      for (let row = 0; row < N_SIDE; row++)
        for (let column = 0; column < N_SIDE; column++) {
          const pixel =
            Math.floor(((row + 0.5) * heightPx) / N_SIDE) * widthPx + Math.floor(((column + 0.5) * widthPx) / N_SIDE);
          for (let c = 0; c < 3; c++) samples.push(data[pixel * 3 + c]! / 255);
        }
    }
    statistics.set(cameraFeature(key), featureStatistics(samples, 3, n));
  }
  return statistics;
}
