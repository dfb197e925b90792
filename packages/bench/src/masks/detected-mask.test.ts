import { expect, test } from "vitest";

import { TabletopWorld } from "../env/tabletop-world.ts";
import { Renderer, type Frame } from "../render/renderer.ts";
import { episodeSpec, type EpisodeSpec } from "../tasks/episode-spec.ts";
import { detectedMask } from "./detected-mask.ts";
import { maskFrom } from "./mask-source.ts";

const SIZE_PX = 64;

async function firstFrame(spec: EpisodeSpec): Promise<Frame> {
  const world = await TabletopWorld.create(spec.scene);
  const renderer = new Renderer(world, SIZE_PX);
  const frame = renderer.render();
  renderer.dispose();
  world.dispose();
  return frame;
}

function iou(a: Uint8Array, b: Uint8Array): number {
  const both = a.filter((value, i) => value === 1 && b[i] === 1).length;
  const either = a.filter((value, i) => value === 1 || b[i] === 1).length;
  return both / either;
}

test("the embedded detector finds what the words name, better than the colour alone does", async () => {
  const overlaps = { automatic: [] as number[], detected: [] as number[] };
  for (const variant of ["distractors-more", "table-checker", "light-dark"])
    for (let seed = 61_000; seed < 61_006; seed++) {
      const spec = episodeSpec({ embodiment: "widowx", task: "pick", variant, seed });
      const frame = await firstFrame(spec);
      const exact = (await maskFrom("exact", frame, spec))!;
      for (const source of ["automatic", "detected"] as const)
        overlaps[source].push(iou((await maskFrom(source, frame, spec))!, exact));
    }
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean(overlaps.detected)).toBeGreaterThan(0.8);
  expect(mean(overlaps.detected)).toBeGreaterThan(mean(overlaps.automatic));
});

test("drawers are found by their names, and nothing in an empty picture", async () => {
  const spec = episodeSpec({ embodiment: "widowx", task: "open-drawer", variant: "base", seed: 61_000 });
  const frame = await firstFrame(spec);
  expect(iou((await maskFrom("detected", frame, spec))!, (await maskFrom("exact", frame, spec))!)).toBeGreaterThan(0.5);
  const blank = { ...frame, image: new Uint8Array(3 * SIZE_PX * SIZE_PX).fill(128) };
  expect((await detectedMask(blank, "red cube")).some((value) => value === 1)).toBe(false);
});
