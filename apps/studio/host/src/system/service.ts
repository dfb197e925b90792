import { randomUUID } from "node:crypto";
import { cpus, freemem, hostname, platform, release, totalmem } from "node:os";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { HostInfo, LoadSample, SystemService } from "@pixelvla/studio-contract";
import { listDevices } from "./devices.ts";
import { readGpuLoads } from "./gpu-load.ts";

const SAMPLE_EVERY_MS = 2000;

/** What the host says about itself and its machine. */
export function createSystemService(workspacePath: string, version: string): SystemService {
  const info: HostInfo = {
    hostId: randomUUID(),
    version,
    workspaceName: basename(workspacePath),
    workspacePath,
    startedAt: new Date().toISOString(),
    hostname: hostname(),
    platform: `${platform()} ${release()}`,
    nodeVersion: process.version,
    cpuModel: cpus()[0]?.model.trim() ?? "unknown",
    nCpus: cpus().length,
    memoryBytes: totalmem(),
  };
  return { info: () => info, devices: listDevices, load: machineLoad };
}

async function* machineLoad(signal: AbortSignal): AsyncGenerator<LoadSample> {
  for (let before = cpuTimes(); !signal.aborted;) {
    if (!(await sleep(SAMPLE_EVERY_MS / 4, true, { signal }).catch(() => false))) return;
    const now = cpuTimes();
    const total = now.total - before.total;
    yield {
      at: new Date().toISOString(),
      cpu: total > 0 ? (now.busy - before.busy) / total : 0,
      memoryUsedBytes: totalmem() - freemem(),
      memoryBytes: totalmem(),
      gpus: await readGpuLoads(),
    };
    before = now;
    if (!(await sleep((SAMPLE_EVERY_MS * 3) / 4, true, { signal }).catch(() => false))) return;
  }
}

function cpuTimes(): { busy: number; total: number } {
  let busy = 0;
  let total = 0;
  for (const { times } of cpus()) {
    const sum = times.user + times.nice + times.sys + times.irq + times.idle;
    total += sum;
    busy += sum - times.idle;
  }
  return { busy, total };
}
