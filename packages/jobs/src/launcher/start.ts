import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { launchFailed } from "../errors.ts";
import { jobPaths } from "../paths.ts";
import { readLaunchFile } from "./launch-file.ts";

/**
 * Starts the job in `dir` as `launch.json` says, detached: it outlives this process and its terminal. What it prints goes
 * to `log.txt`. Returns its process id.
 * @throws PVLA_LAUNCH when the program cannot be started
 */
export async function startDetached(dir: string): Promise<number> {
  const { command, cwd, env } = readLaunchFile(dir);
  const [program = "", ...args] = command;
  const log = openSync(jobPaths(dir).log, "a");
  try {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ["ignore", log, log],
      windowsHide: true,
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    child.unref();
    return child.pid!;
  } catch (error) {
    throw launchFailed(dir, program, error);
  } finally {
    closeSync(log);
  }
}
