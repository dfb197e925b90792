import type { VisionPlugin } from "./contracts.ts";
import { duplicateVisionPlugin, unknownVisionPlugin } from "./errors.ts";

/** The vision models one program works with, looked up by kind and name. A value: nothing registers itself. */
export interface VisionRegistry {
  /** @throws PVLA_UNKNOWN_PLUGIN with the nearest name and the list */
  get<K extends VisionPlugin["kind"]>(kind: K, name: string, doing?: string): Extract<VisionPlugin, { kind: K }>;
  list<K extends VisionPlugin["kind"]>(kind: K): readonly Extract<VisionPlugin, { kind: K }>[];
}

/** @throws PVLA_DUPLICATE_PLUGIN when two plugins of one kind share a name */
export function createVisionRegistry(plugins: readonly VisionPlugin[]): VisionRegistry {
  const seen = new Set<string>();
  for (const { kind, name } of plugins) {
    if (seen.has(`${kind}:${name}`)) throw duplicateVisionPlugin(kind, name);
    seen.add(`${kind}:${name}`);
  }
  const list = <K extends VisionPlugin["kind"]>(kind: K) =>
    plugins.filter((p): p is Extract<VisionPlugin, { kind: K }> => p.kind === kind);
  return {
    list,
    get(kind, name, doing = "Opening a vision model") {
      const ofKind = list(kind);
      const plugin = ofKind.find((p) => p.name === name);
      if (plugin === undefined) {
        throw unknownVisionPlugin(
          doing,
          kind,
          name,
          ofKind.map((p) => p.name),
        );
      }
      return plugin;
    },
  };
}
