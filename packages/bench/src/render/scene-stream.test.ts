import { expect, test } from "vitest";

import { TabletopWorld } from "../env/tabletop-world.ts";
import { episodeSpec } from "../tasks/episode-spec.ts";
import { geomPoses, sceneGeometry } from "./scene-stream.ts";

test.each(["put-in", "close-drawer"] as const)(
  "%s: geometry and poses describe every geom, and what moves moves",
  async (task) => {
    const world = await TabletopWorld.create(
      episodeSpec({ embodiment: "widowx", task, variant: "base", seed: 1 }).scene,
    );
    const geometry = sceneGeometry(world);
    const before = geomPoses(world);
    expect(before).toHaveLength(12 * geometry.length);
    expect(geometry.every(({ type, sizeM }) => type.length > 0 && sizeM[0]! > 0)).toBe(true);
    const hand = geometry.findIndex(({ owner }) => owner === "hand");
    const table = geometry.findIndex(({ owner }) => owner === "table");
    world.step(Float32Array.of(0, 0.03, 0, 0, 0, 0, 1));
    const after = geomPoses(world);
    expect(after[12 * hand + 1]! - before[12 * hand + 1]!).toBeGreaterThan(0.02);
    expect(after.slice(12 * table, 12 * table + 12)).toEqual(before.slice(12 * table, 12 * table + 12));
    world.dispose();
  },
);
