import { cpSync } from "node:fs";
import { makeWorkspace } from "./studio.ts";
import { runPixelvla } from "./tabletop.ts";

/**
 * A workspace as `npm start` makes it: a copy of the one that `PIXELVLA_WORKSPACE` names, or else a small one from the same command, every
 * step of the main job in it. Removed after the test.
 */
export async function startWorkspace(): Promise<string> {
  const workspace = makeWorkspace();
  const full = process.env["PIXELVLA_WORKSPACE"];
  if (full !== undefined) cpSync(full, workspace, { recursive: true });
  else
    await runPixelvla(
      "start",
      ...[
        "--tasks=pick",
        "--episodes=14",
        "--duplicates=0",
        "--stage1-steps=2",
        "--stage2-steps=3",
        "--evaluation-episodes=2",
      ],
      `--workspace=${workspace}`,
      "--no-studio",
      "--json",
    );
  return workspace;
}
