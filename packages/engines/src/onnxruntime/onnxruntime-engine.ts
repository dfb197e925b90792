import type { Engine, ProviderName } from "../engine.ts";
import { providerAbsent } from "../errors.ts";
import { OrtExecutable } from "./ort-executable.ts";
import { ortProviders } from "./providers.ts";

export interface OnnxruntimeOptions {
  /** A provider by name, or `"auto"` (default): the first present of tensorrt, cuda, coreml, dml, else cpu. */
  readonly provider?: ProviderName | "auto";
  /** Threads of one operator; a compile option of the same name wins. */
  readonly threads?: number;
}

/** Order of preference of `auto`. webgpu is never chosen unasked: it may be a software adapter, slower than the CPU. */
const PREFERRED: readonly ProviderName[] = ["tensorrt", "cuda", "coreml", "dml", "cpu"];

/** The default engine: onnxruntime-node, each executable in a worker thread of its own. */
export function onnxruntimeEngine({ provider = "auto", threads }: OnnxruntimeOptions = {}): Engine {
  return {
    name: "onnxruntime",
    providers: ortProviders,
    async compile(program, options = {}) {
      const chosen = await chooseOrtProvider(provider);
      return OrtExecutable.compile(program, chosen, { ...(threads === undefined ? {} : { threads }), ...options });
    },
  };
}

/** @throws PVLA_PROVIDER_ABSENT */
export async function chooseOrtProvider(provider: ProviderName | "auto"): Promise<ProviderName> {
  if (provider === "cpu") return provider;
  const reports = await ortProviders();
  const present = reports.filter((r) => r.present).map((r) => r.provider);
  if (provider === "auto") return PREFERRED.find((p) => present.includes(p)) ?? "cpu";
  const report = reports.find((r) => r.provider === provider);
  if (report?.present === true) return provider;
  throw providerAbsent(provider, report?.detail ?? "onnxruntime does not know it", present);
}
