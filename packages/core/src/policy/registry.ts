import type { PolicyPlugin, PolicyPluginKind } from "./contracts.ts";
import { duplicatePlugin, unknownPlugin } from "./errors.ts";

/** The plugins one program works with, looked up by kind and name. A value: nothing registers itself. */
export interface PluginRegistry {
  /** @throws PVLA_UNKNOWN_PLUGIN with the nearest name and the list */
  get<K extends PolicyPluginKind>(kind: K, name: string, doing?: string): Extract<PolicyPlugin, { kind: K }>;
  list<K extends PolicyPluginKind>(kind: K): readonly Extract<PolicyPlugin, { kind: K }>[];
}

/** @throws PVLA_DUPLICATE_PLUGIN when two plugins of one kind share a name */
export function createRegistry(plugins: readonly PolicyPlugin[]): PluginRegistry {
  const byKey = new Map<string, PolicyPlugin>();
  for (const plugin of plugins) {
    const key = `${plugin.kind}:${plugin.name}`;
    if (byKey.has(key)) throw duplicatePlugin(plugin.kind, plugin.name);
    byKey.set(key, plugin);
  }
  const list = <K extends PolicyPluginKind>(kind: K) =>
    plugins.filter((p): p is Extract<PolicyPlugin, { kind: K }> => p.kind === kind);
  return {
    list,
    get(kind, name, doing = "Composing a policy") {
      const plugin = list(kind).find((p) => p.name === name);
      if (plugin === undefined) {
        throw unknownPlugin(
          doing,
          kind,
          name,
          list(kind).map((p) => p.name),
        );
      }
      return plugin;
    },
  };
}
