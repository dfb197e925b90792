import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What a GPU is doing. */
export interface GpuState {
  readonly name: string;
  readonly memoryBytes: number;
  readonly usedBytes: number;
  /** 0..1 */
  readonly utilisation: number;
}

const run = promisify(execFile);
const FIELDS = "name,memory.total,memory.used,utilization.gpu";
const TIMEOUT_MS = 5000;

/** State of every NVIDIA GPU as `nvidia-smi` reports it; none where there is no such program or it does not answer. */
export async function gpuStates(): Promise<GpuState[]> {
  try {
    const args = [`--query-gpu=${FIELDS}`, "--format=csv,noheader,nounits"];
    const { stdout } = await run("nvidia-smi", args, { timeout: TIMEOUT_MS });
    return parseGpuStates(stdout);
  } catch {
    return []; // Not installed, no driver, or no answer: this machine has no GPU that could be watched.
  }
}

/** Reads the lines of `nvidia-smi --query-gpu=… --format=csv,noheader,nounits`: name, MiB, MiB, percent. Others are left out. */
export function parseGpuStates(csv: string): GpuState[] {
  return csv.split("\n").flatMap((line) => {
    const [name = "", total, used, load] = line.split(",").map((cell) => cell.trim());
    const state = {
      name,
      memoryBytes: Number(total) * 2 ** 20,
      usedBytes: Number(used) * 2 ** 20,
      utilisation: Number(load) / 100,
    };
    return name !== "" && Number.isFinite(state.memoryBytes + state.usedBytes + state.utilisation) ? [state] : [];
  });
}
