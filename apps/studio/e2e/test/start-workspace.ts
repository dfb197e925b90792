import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeWorkspace } from "./studio.ts";
import { runPixelvla } from "./tabletop.ts";

/**
 * A workspace as `npm start` makes it: a copy of the one that `PIXELVLA_WORKSPACE` names, or else a small one from the same command, every
 * step of the main job in it. Removed after the test.
 */
export async function startWorkspace(): Promise<string> {
  const workspace = makeWorkspace();
  const full = process.env["PIXELVLA_WORKSPACE"];
  if (full !== undefined) copyWorkspace(full, workspace);
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

/** Copies a workspace; its jobs, which name their datasets by absolute path, then name the copies. */
function copyWorkspace(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  for (const run of readdirSync(join(to, "runs"))) {
    const config = join(to, "runs", run, "config.yaml");
    if (existsSync(config)) writeFileSync(config, readFileSync(config, "utf8").replaceAll(from, to));
  }
}
