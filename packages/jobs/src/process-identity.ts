import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** Name of this machine, as written into status and lock files. */
export const thisHost = (): string => hostname();

/**
 * Identity of a process that survives the reuse of its number: its start time in clock ticks since boot.
 * Undefined where the system does not tell (anything but Linux) and for a process that is gone.
 */
export function processStart(pid: number): string | undefined {
  return procStat(pid)?.start;
}

/**
 * Whether process `pid` of this machine is alive; a dead one whose parent has not collected it counts as dead, and with
 * `start` (from `processStart`) so does another process under the same number.
 */
export function isProcessAlive(pid: number, start?: string): boolean {
  const stat = procStat(pid);
  if (stat !== undefined)
    return stat.state !== "Z" && stat.state !== "X" && (start === undefined || stat.start === start);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function procStat(pid: number): { state: string; start: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" "); // the name in brackets may hold spaces
    return { state: fields[0] ?? "?", start: fields[19] ?? "?" };
  } catch {
    return undefined;
  }
}
