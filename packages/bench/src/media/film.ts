import sharp from "sharp";

import { Renderer } from "../render/renderer.ts";
import { replayEpisode, type EpisodeLog } from "../rollout/episode-log.ts";
import { EMBODIMENTS } from "../embodiments/embodiment.ts";

/** A replayed episode as pictures, `[sizePx, sizePx, 3]` each, one before the first env step and one after each. */
export interface Film {
  readonly sizePx: number;
  readonly framesPerS: number;
  readonly frames: readonly Uint8Array[];
}

/**
 * Replays a log and draws every env step.
 *
 * @throws PVLA_BENCH_REPLAY when the log does not lead to the recorded states
 */
export async function filmEpisode(log: EpisodeLog, sizePx: number): Promise<Film> {
  const frames: Uint8Array[] = [];
  let renderer: Renderer | undefined;
  try {
    await replayEpisode(log, (world) => {
      renderer ??= new Renderer(world, sizePx, 2);
      frames.push(renderer.render().image);
    });
  } finally {
    renderer?.dispose();
  }
  return { sizePx, framesPerS: EMBODIMENTS[log.embodiment].controlHz, frames };
}

/** Encodes a film as a looping animated WebP, which browsers and Markdown pages show as it is. */
export async function encodeFilm({ sizePx, framesPerS, frames }: Film, quality = 70): Promise<Buffer> {
  const stack = Buffer.concat(frames);
  const raw = { width: sizePx, height: sizePx * frames.length, channels: 3, pageHeight: sizePx } as const;
  const delayMs = Math.round(1000 / framesPerS);
  // The last picture stays for a second.
  const delay = frames.map((_, i) => (i === frames.length - 1 ? 1000 : delayMs));
  return sharp(stack, { raw }).webp({ quality, effort: 5, loop: 0, delay }).toBuffer();
}
