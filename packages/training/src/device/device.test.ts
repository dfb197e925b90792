import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { GpuWatch } from "./gpu-watch.ts";
import { parseGpuStates } from "./nvidia-smi.ts";

const CSV = "NVIDIA H100 80GB HBM3, 81559, 40000, 97\nNVIDIA H100 80GB HBM3, 81559, 1, 0\n";

test("nvidia-smi's lines become states; what it cannot say is left out", () => {
  expect(parseGpuStates(CSV)).toEqual([
    { name: "NVIDIA H100 80GB HBM3", memoryBytes: 81559 * 2 ** 20, usedBytes: 40000 * 2 ** 20, utilisation: 0.97 },
    { name: "NVIDIA H100 80GB HBM3", memoryBytes: 81559 * 2 ** 20, usedBytes: 2 ** 20, utilisation: 0 },
  ]);
  expect(parseGpuStates("NVIDIA Thor, [N/A], [N/A], [N/A]\n")).toEqual([]);
  expect(parseGpuStates("")).toEqual([]);
});

test("metrics name several GPUs apart, and there are none where there is no GPU", async () => {
  const watch = new GpuWatch(() => Promise.resolve(parseGpuStates(CSV)));
  await turn();
  expect(watch.scalars()).toEqual({
    gpu0Utilisation: 0.97,
    gpu0MemoryMb: 40000,
    gpu1Utilisation: 0,
    gpu1MemoryMb: 1,
  });
  watch.close();
  let nAsked = 0;
  const none = new GpuWatch(() => {
    nAsked++;
    return Promise.resolve([]);
  });
  await turn();
  expect([none.scalars(), nAsked]).toEqual([{}, 1]);
  none.close();
});
