import { createHash } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  convertDataset,
  decodeCocoRle,
  encodeCocoRle,
  openAnnotations,
  openDataset,
  PixelDatasetWriter,
  runsArea,
  runsBox,
  runsFromCoco,
  sidecarDataset,
  SidecarWriter,
  type BinaryMask,
} from "../src/index.ts";
import { syntheticAnnotation, syntheticEpisode, syntheticLayout } from "./synthetic-episode.ts";

/**
 * Writes the datasets that the peers open, and beside each what they should find: `NAME/` and `NAME.expected.json`.
 * Run by `tools/peers/data-conformance.mjs`.
 */
async function main(): Promise<void> {
  const [out = ""] = process.argv.slice(2);
  mkdirSync(out, { recursive: true });
  for (const images of ["stored", "av1", "h264"] as const) {
    const root = join(out, `synthetic-${images}`);
    const writer = await PixelDatasetWriter.open(root, syntheticLayout(images, ["image_0", "wrist"]), {
      commitEpisodes: 5,
    });
    for (let seed = 0; seed < 12; seed++) await writer.add(syntheticEpisode(seed));
    await writer.close();
    // Colours of `syntheticImage`: red counts frames, so a frame out of place is 20 levels off.
    await expected(root, (episode, frame) => [(frame * 20) % 256, (episode * 37) % 256, 128]);
  }
  const bridge = fileURLToPath(new URL("../../../../shared/data/octo-bridge-debug/bridge_dataset", import.meta.url));
  if (existsSync(bridge)) {
    const source = await openDataset(bridge);
    const sidecar = await SidecarWriter.open(join(out, "bridge.annotations"), sidecarDataset(source.info));
    for (const episodeIndex of source.episodeIndices) {
      const { split, task, rawFrameIndex } = await source.episode(episodeIndex);
      const annotations = Array.from(rawFrameIndex, (_, t) => ({
        ...syntheticAnnotation(episodeIndex, t),
        mask: encodeCocoRle(noise(64, 64, episodeIndex * 100 + t)),
      }));
      await sidecar.add({ episodeIndex, split, task, rawFrameIndex, annotations, run: "conformance" });
    }
    await sidecar.close();
    await convertDataset(source, join(out, "bridge"), { annotations: sidecar.root });
    await source.close();
    await expected(join(out, "bridge"));
  }
  writeFileSync(join(out, "masks.expected.json"), JSON.stringify(masks()));
}

/** Every value of a dataset as our own readers give it; `written` gives the mean colours that went in, where they are known. */
async function expected(root: string, written?: (episode: number, frame: number) => number[]): Promise<void> {
  const dataset = await openDataset(root);
  const reader = await openAnnotations(root);
  const frames: object[] = [];
  for (const episodeIndex of dataset.episodeIndices) {
    const episode = await dataset.episode(episodeIndex);
    const { annotations } = (await reader.episode(episodeIndex))!;
    const [nAction, nState] = [episode.action.length / episode.nFrames, episode.state.length / episode.nFrames];
    for (let t = 0; t < episode.nFrames; t++) {
      const images = await Promise.all(
        dataset.info.cameras.map(async ({ key }) => {
          if (written !== undefined) return written(episodeIndex, t);
          const { data } = await episode.image(key, t);
          return [0, 1, 2].map(
            (c) => data.reduce((sum, value, i) => (i % 3 === c ? sum + value : sum), 0) / (data.length / 3),
          );
        }),
      );
      const mask = annotations[t]?.mask;
      frames.push({
        episode: episodeIndex,
        frame: t,
        task: episode.task,
        rawFrame: episode.rawFrameIndex[t],
        action: [...episode.action.slice(t * nAction, (t + 1) * nAction)],
        state: [...episode.state.slice(t * nState, (t + 1) * nState)],
        colours: images,
        phrase: annotations[t]?.phrase ?? "",
        mask: mask === undefined ? null : describe(mask),
      });
    }
  }
  const cameras = dataset.info.cameras.map(({ key }) => key);
  writeFileSync(`${root}.expected.json`, JSON.stringify({ cameras, fps: dataset.info.fps, frames }));
  await Promise.all([dataset.close(), reader.close()]);
}

/** Masks of awkward shapes: empty, full, single pixels, thin, noise, large. */
function masks(): object[] {
  const of = (heightPx: number, widthPx: number, value: (x: number, y: number) => boolean): BinaryMask => ({
    heightPx,
    widthPx,
    data: Uint8Array.from({ length: heightPx * widthPx }, (_, i) =>
      value(i % widthPx, Math.floor(i / widthPx)) ? 1 : 0,
    ),
  });
  const shapes = [
    of(1, 1, () => true),
    of(5, 7, () => false),
    of(5, 7, () => true),
    of(480, 640, (x, y) => x === 639 && y === 479),
    of(480, 640, (x, y) => x === 0 && y === 0),
    of(256, 320, (x, y) => (x - 100) ** 2 + (y - 90) ** 2 < 2500),
    of(256, 320, (x, y) => (x + y) % 2 === 0),
    of(2000, 3000, (x) => x > 1500),
    ...Array.from({ length: 200 }, (_, i) => noise(3 + ((i * 7) % 90), 3 + ((i * 11) % 90), i)),
  ];
  return shapes.map((mask) => describe(encodeCocoRle(mask)));
}

function describe(rle: { size: readonly [number, number]; counts: string }): object {
  const runs = runsFromCoco(rle);
  const box = runsBox(runs);
  const pixels = decodeCocoRle(rle).data;
  return {
    rle,
    sha1: createHash("sha1").update(pixels).digest("hex"),
    area: runsArea(runs),
    bbox: box === undefined ? [0, 0, 0, 0] : [box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0],
  };
}

function noise(heightPx: number, widthPx: number, seed: number): BinaryMask {
  let state = seed + 1;
  const data = Uint8Array.from({ length: heightPx * widthPx }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 < (seed % 10) / 10 ? 1 : 0;
  });
  return { heightPx, widthPx, data };
}

await main();
