import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { jobPaths } from "@pixelvla/jobs";
import { cannotLaunch } from "../errors.ts";

/**
 * Starts a program that outlives this one and its terminal; what it prints is added to the job's log. A log that is a link is not followed.
 * @throws PVLA_STUDIO_LAUNCH
 */
export async function spawnDetached(
  [program = "", ...args]: readonly string[],
  jobDir: string,
  cwd: string,
): Promise<void> {
  const flags = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NOFOLLOW;
  const log = await open(jobPaths(jobDir).log, flags).catch(() => undefined);
  if (log === undefined) throw cannotLaunch("the run's log cannot be written", "Check who owns the job directory");
  try {
    const child = spawn(program, args, { cwd, detached: true, stdio: ["ignore", log.fd, log.fd], windowsHide: true });
    await new Promise((resolve, reject) => child.once("spawn", () => resolve(undefined)).once("error", reject));
    child.unref();
  } catch {
    throw cannotLaunch(`${program} cannot be started`, "Start the studio with `pixelvla studio`");
  } finally {
    await log.close();
  }
}
