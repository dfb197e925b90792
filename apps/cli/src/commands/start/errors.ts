import { pixelVlaError, type PixelVlaError } from "@pixelvla/core";

/** The workspace's main job was begun with other settings. */
export const otherPlan = (dir: string, differences: readonly string[]): PixelVlaError =>
  pixelVlaError(
    "PVLA_MAIN_PLAN",
    {
      doing: "Starting the main job",
      found: `the workspace holds one with other settings: ${differences.join("; ")}`,
      fix: `Start it with those, choose another --workspace, or remove ${dir} and what it made in datasets/ and runs/`,
    },
    { dir, differences },
  );
