import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { toolFailed, toolMissing } from "../errors.ts";

const run = promisify(execFile);
const TIMEOUT_MS = 60_000;

/** Runs a scheduler's own program and returns what it printed. @throws PVLA_LAUNCH when it is missing, fails or hangs */
export async function runTool(program: string, args: readonly string[], forWhat: string): Promise<string> {
  try {
    const { stdout } = await run(program, args, { timeout: TIMEOUT_MS });
    return stdout.trim();
  } catch (error) {
    const { code, stderr = "", message } = error as { code?: unknown; stderr?: string; message: string };
    if (code === "ENOENT") throw toolMissing(program, forWhat);
    throw toolFailed(program, forWhat, stderr.trim() === "" ? message : stderr.trim(), error);
  }
}
