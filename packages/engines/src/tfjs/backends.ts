import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import { ready, setBackend } from "@tensorflow/tfjs-core";
import type { ProviderName } from "../engine.ts";

/** tfjs backends this engine can use. */
export type TfjsProvider = Extract<ProviderName, `tfjs-${string}`>;

export const TFJS_PROVIDERS: readonly TfjsProvider[] = ["tfjs-node-gpu", "tfjs-node", "tfjs-webgpu", "tfjs-wasm"];

const INSTALL: Readonly<Record<TfjsProvider, string>> = {
  "tfjs-node-gpu":
    "install it with `npm install @tensorflow/tfjs-node-gpu` (Linux, CUDA 11.2 and cuDNN 8; Node 18 or 20)",
  "tfjs-node": "install it with `npm install @tensorflow/tfjs-node` (Node 18 or 20)",
  "tfjs-webgpu": "install it with `npm install @tensorflow/tfjs-backend-webgpu` and run where `navigator.gpu` exists",
  "tfjs-wasm": "install it with `npm install @tensorflow/tfjs-backend-wasm`",
};

/** Loads a backend and makes it current. @throws an Error that says why it is absent and how to get it */
export async function loadBackend(provider: TfjsProvider): Promise<void> {
  try {
    await LOADERS[provider]();
    await ready();
  } catch (error) {
    throw new Error(`${(error as Error).message.split("\n")[0]!}; ${INSTALL[provider]}`, { cause: error });
  }
}

const LOADERS: Readonly<Record<TfjsProvider, () => Promise<void>>> = {
  "tfjs-node-gpu": () => loadNodeBinding("@tensorflow/tfjs-node-gpu"),
  "tfjs-node": () => loadNodeBinding("@tensorflow/tfjs-node"),
  async "tfjs-webgpu"() {
    const { navigator } = globalThis as { navigator?: { gpu?: unknown } };
    if (navigator?.gpu === undefined) throw new Error("this Node has no navigator.gpu");
    await optional("@tensorflow/tfjs-backend-webgpu");
    await use("webgpu");
  },
  async "tfjs-wasm"() {
    const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
    setWasmPaths(`${dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"))}${sep}`);
    await use("wasm");
  },
};

/** Optional peers: their names are not literals, so that nothing resolves them unless they are asked for. */
async function optional(name: string): Promise<void> {
  await import(name);
}

async function loadNodeBinding(name: string): Promise<void> {
  await optional(name);
  await use("tensorflow");
}

async function use(backend: string): Promise<void> {
  if (!(await setBackend(backend))) throw new Error(`tfjs could not start its backend "${backend}"`);
}
