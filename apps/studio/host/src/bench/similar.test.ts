import { expect, test } from "vitest";
import { likeness, targetName } from "./similar.ts";
import { episodeSpec } from "@pixelvla/bench";

test("the same instruction is likest, then the same target in other words, then another target", () => {
  const asked = "pick up the red can";
  const same = likeness(asked, "red can", "pick up the red can");
  const reworded = likeness(asked, "red can", "grasp the red can");
  const other = likeness(asked, "red can", "pick up the blue can");
  const foreign = likeness(asked, "red can", "open the top drawer");
  expect(same).toBe(1);
  expect(reworded).toBeGreaterThan(other);
  expect(other).toBeGreaterThan(foreign);
  expect(foreign).toBe(0);
});

test("the target's name comes from the scene, not from the words", () => {
  const spec = episodeSpec({ embodiment: "widowx", task: "pick", variant: "base", seed: 3 });
  expect(spec.instruction).toContain(targetName(spec).split(" ")[0]);
  expect(targetName(episodeSpec({ embodiment: "widowx", task: "open-drawer", variant: "base", seed: 1 }))).toMatch(
    /^(top|middle|bottom) drawer$/,
  );
});
