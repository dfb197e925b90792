import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { GpuLoad } from "@pixelvla/studio-contract";

const QUERY = ["--query-gpu=name,utilization.gpu,memory.used,memory.total", "--format=csv,noheader,nounits"];
const TIMEOUT_MS = 1500;
const MIB = 1 << 20;

let isAbsent = false;

/** Use of NVIDIA devices as the driver's own tool reports it; none where the tool is not installed. */
export async function readGpuLoads(): Promise<GpuLoad[]> {
  if (isAbsent) return [];
  try {
    const { stdout } = await promisify(execFile)("nvidia-smi", QUERY, { timeout: TIMEOUT_MS, windowsHide: true });
    return parseGpuLoads(stdout);
  } catch (error) {
    isAbsent = (error as NodeJS.ErrnoException).code === "ENOENT";
    return [];
  }
}

/** Parses the tool's CSV: name, utilisation in percent, used and total memory in MiB. Lines that are not so are passed over. */
export function parseGpuLoads(csv: string): GpuLoad[] {
  return csv.split("\n").flatMap((line) => {
    const [name = "", ...numbers] = line.split(",").map((cell) => cell.trim());
    const [percent, used, total] = numbers.map(Number);
    if (percent === undefined || used === undefined || total === undefined || !Number.isFinite(percent + used + total))
      return [];
    return [{ name, utilisation: percent / 100, memoryUsedBytes: used * MIB, memoryBytes: total * MIB }];
  });
}
