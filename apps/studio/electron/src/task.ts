import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { WindowTask } from "./host-process.ts";

/** What `pixelvla studio` asked for; a packaged studio started by itself opens the workspace in the home folder with the Node and command it brings. */
export function readTask(env: NodeJS.ProcessEnv, resourcesPath: string): WindowTask {
  const asked = env["PIXELVLA_STUDIO"];
  if (asked !== undefined) return JSON.parse(asked) as WindowTask;
  const node = join(resourcesPath, "node", process.platform === "win32" ? "node.exe" : "node");
  const command = join(resourcesPath, "pixelvla", "node_modules", "@pixelvla", "cli", "bin", "pixelvla.js");
  const workspace = join(homedir(), "PixelVLA");
  mkdirSync(workspace, { recursive: true });
  return { workspace, datasets: [], pixelvla: [node, command] };
}
