import { readdirSync, readFileSync } from "node:fs";

function statusKb(pid: number, field: string): number {
  try {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return match ? Number(match[1]) : 0;
  } catch {
    return 0; // the process ended meanwhile
  }
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}

/** A process and all its descendants that are alive, from `/proc`. */
export function processTree(root: number): number[] {
  const pids = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const parents = new Map(pids.map((pid) => [pid, parentOf(pid)]));
  const tree = [root];
  for (let i = 0; i < tree.length; i++) for (const [pid, parent] of parents) if (parent === tree[i]) tree.push(pid);
  return tree;
}

/**
 * Memory of a process and its children in MiB: `peak` sums each one's high-water mark (VmHWM), `now` its resident set.
 * Null where there is no `/proc`.
 */
export function memoryMb(pid: number): { peak: number; now: number } | null {
  if (process.platform !== "linux") return null;
  const tree = processTree(pid);
  const sum = (field: string) => tree.reduce((total, one) => total + statusKb(one, field), 0) / 1024;
  return { peak: sum("VmHWM"), now: sum("VmRSS") };
}
