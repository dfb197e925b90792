import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { TabletopWorld } from "../env/tabletop-world.ts";
import { episodeSpec, type EpisodeKey } from "../tasks/episode-spec.ts";
import { project } from "./camera.ts";
import { maskOf, Renderer, type Frame } from "./renderer.ts";

const key: EpisodeKey = { embodiment: "widowx", task: "pick", variant: "base", seed: 1 };

async function draw(
  of: EpisodeKey,
  sizePx: number,
  raysPerSide?: number,
): Promise<{ frame: Frame; world: TabletopWorld }> {
  const world = await TabletopWorld.create(episodeSpec(of).scene);
  const renderer = new Renderer(world, sizePx, raysPerSide);
  const frame = renderer.render();
  renderer.dispose();
  return { frame, world };
}

const area = (mask: Uint8Array) => mask.reduce((sum, value) => sum + value, 0);

describe("a rendered scene", () => {
  let frame: Frame;
  let world: TabletopWorld;
  beforeAll(async () => ({ frame, world } = await draw(key, 112)));
  afterAll(() => world.dispose());

  test("masks are where geometry says, and depth is the object's", () => {
    for (const { spec, positionM } of world.snapshot().objects) {
      const mask = maskOf(frame, spec.id);
      const { xPx, yPx, depthM } = project(world.scene.look.camera, 112, positionM);
      let [sx, sy] = [0, 0];
      mask.forEach((value, i) => {
        if (!value) return;
        sx += (i % 112) + 0.5;
        sy += Math.floor(i / 112) + 0.5;
        // No visible point of the object is farther from its centre than its bounding sphere.
        expect(Math.abs(frame.depthM[i]! - depthM)).toBeLessThan(0.07);
      });
      expect(area(mask)).toBeGreaterThan(20);
      expect(Math.hypot(sx / area(mask) - xPx, sy / area(mask) - yPx)).toBeLessThan(4);
    }
  });

  test("the table's depth is that of the plane", () => {
    const { camera } = world.scene.look;
    const table = maskOf(frame, "table");
    // A point of the bare table right of the workspace, in front of everything.
    const { xPx, yPx, depthM } = project(camera, 112, [0.17, 0.14, 0]);
    const pixel = Math.floor(yPx) * 112 + Math.floor(xPx);
    expect(table[pixel]).toBe(1);
    expect(Math.abs(frame.depthM[pixel]! - depthM)).toBeLessThan(0.006);
  });

  test("every pixel belongs to exactly one owner", () => {
    const total = frame.owners.reduce((sum, owner) => sum + area(maskOf(frame, owner)), 0);
    expect(total + frame.segmentation.filter((label) => label < 0).length).toBe(112 * 112);
  });

  test("colours on the mask are the object's", () => {
    for (const { spec } of world.snapshot().objects.filter(({ spec: { colour } }) => colour === "blue")) {
      const mask = maskOf(frame, spec.id);
      const sum = [0, 0, 0];
      mask.forEach((value, i) => {
        if (value) for (let c = 0; c < 3; c++) sum[c]! += frame.image[3 * i + c]!;
      });
      expect(sum[2]!).toBeGreaterThan(1.5 * sum[0]!);
    }
  });
});

test("the same state gives the same picture, with a warm static layer too", async () => {
  const [first, second] = [await draw(key, 64), await draw(key, 64)];
  expect(second.frame.image).toEqual(first.frame.image);
  expect(second.frame.depthM).toEqual(first.frame.depthM);
  first.world.dispose();
  second.world.dispose();
});

test.each(["light-dark", "background-brick", "table-marble"])(
  "%s changes the picture and not the masks",
  async (variant) => {
    const [base, changed] = [await draw(key, 64), await draw({ ...key, variant }, 64)];
    expect(changed.frame.segmentation).toEqual(base.frame.segmentation);
    const difference = base.frame.image.reduce((sum, value, i) => sum + Math.abs(value - changed.frame.image[i]!), 0);
    expect(difference / base.frame.image.length).toBeGreaterThan(2);
    base.world.dispose();
    changed.world.dispose();
  },
);

test.each(["camera-high", "camera-low", "camera-side"])("%s moves the objects in the picture", async (variant) => {
  const [base, changed] = [await draw(key, 64), await draw({ ...key, variant }, 64)];
  expect(changed.frame.segmentation).not.toEqual(base.frame.segmentation);
  for (const { spec } of changed.world.snapshot().objects)
    expect(area(maskOf(changed.frame, spec.id))).toBeGreaterThan(4);
  base.world.dispose();
  changed.world.dispose();
});

test("what a gripper casts its shadow on gets darker", async () => {
  const world = await TabletopWorld.create(episodeSpec(key).scene);
  const renderer = new Renderer(world, 64);
  const before = renderer.render();
  for (let step = 0; step < 3; step++) world.step(Float32Array.of(-0.03, -0.03, 0, 0, 0, 0, 1));
  const after = renderer.render();
  const [a, b] = [maskOf(before, "table"), maskOf(after, "table")];
  let nDarker = 0;
  for (let i = 0; i < a.length; i++) if (a[i] && b[i] && after.image[3 * i]! < 0.75 * before.image[3 * i]!) nDarker++;
  expect(nDarker).toBeGreaterThan(10);
  renderer.dispose();
  world.dispose();
});
