import { cpus } from "node:os";
import type { DeviceItem } from "@pixelvla/studio-contract";
import { readGpuLoads } from "./gpu-load.ts";

/** Devices a policy can run on. */
export async function listDevices(): Promise<DeviceItem[]> {
  const cpu: DeviceItem = {
    name: cpus()[0]?.model.trim() ?? "CPU",
    kind: "cpu",
    isAvailable: true,
    detail: `${cpus().length} cores`,
  };
  const gpus = (await readGpuLoads()).map(({ name, memoryBytes }): DeviceItem => ({
    name,
    kind: "cuda",
    isAvailable: true,
    detail: `${Math.round(memoryBytes / 2 ** 30)} GiB`,
  }));
  return [cpu, ...gpus];
}
