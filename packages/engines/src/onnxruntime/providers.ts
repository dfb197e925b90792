import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { listSupportedBackends } from "onnxruntime-node";
import { workerEntry } from "@pixelvla/core";
import type { ProviderName, ProviderReport } from "../engine.ts";

/** Where each provider can exist at all, and what it needs besides. */
const NEEDS: Readonly<Record<string, { platforms: readonly string[]; remedy: string }>> = {
  cuda: {
    platforms: ["linux", "win32"],
    remedy:
      "install its libraries with `node node_modules/onnxruntime-node/script/install` (needs the NVIDIA driver and CUDA 12)",
  },
  tensorrt: {
    platforms: ["linux", "win32"],
    remedy: "install its libraries with `node node_modules/onnxruntime-node/script/install` and TensorRT 10",
  },
  webgpu: {
    platforms: ["linux", "win32", "darwin"],
    remedy: "install a Vulkan, Metal or Direct3D 12 driver; VK_ICD_FILENAMES names a Vulkan driver by hand",
  },
  dml: { platforms: ["win32"], remedy: "use Windows 10 or later with a Direct3D 12 device" },
  coreml: { platforms: ["darwin"], remedy: "use macOS" },
};

let cached: Promise<readonly ProviderReport[]> | undefined;

/** Every provider of onnxruntime-node on this machine. Tried once per process, each in a process of its own. */
export function ortProviders(): Promise<readonly ProviderReport[]> {
  cached ??= Promise.all([
    Promise.resolve<ProviderReport>({ provider: "cpu", present: true, detail: `${process.platform} ${process.arch}` }),
    ...Object.keys(NEEDS).map((name) => report(name as ProviderName)),
  ]);
  return cached;
}

async function report(provider: ProviderName): Promise<ProviderReport> {
  const { platforms, remedy } = NEEDS[provider]!;
  const absent = (reason: string): ProviderReport => ({ provider, present: false, detail: `${reason}; ${remedy}` });
  if (!platforms.includes(process.platform)) return absent(`not made for ${process.platform}`);
  const supported = listSupportedBackends().find(({ name }) => name === provider);
  if (supported === undefined) return absent("this build of onnxruntime-node does not contain it");
  const answer = await probe(provider);
  return answer.present ? { provider, present: true, detail: answer.detail } : absent(answer.detail);
}

/** Runs one addition on the provider in a child process, because a driver that fails may take its process along. */
function probe(provider: ProviderName): Promise<{ present: boolean; detail: string }> {
  const entry = workerEntry(import.meta.url, "./probe-process").process;
  const args = [...entry.options.execArgv, fileURLToPath(entry.url), provider];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: 30_000 }, (error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout.split("\n").findLast((line) => line.startsWith("{")) ?? "") as never);
      } catch {
        const said = stderr.split("\n").find((line) => line.trim() !== "");
        resolve({ present: false, detail: said ?? error?.message ?? "the trial run gave no answer" });
      }
    });
  });
}
