import type { ObjectDetectorPlugin, SegmenterPlugin, TrackerPlugin } from "@pixelvla/segmenters";
import { duplicatePlugin, unknownRole } from "../errors.ts";
import type { GripperDetectorPlugin } from "../gripper/gripper-detector.ts";
import type { TargetReasonerPlugin } from "../reasoning/target-reasoner.ts";

/** Every kind of plugin an annotation recipe can name. */
export type AnnotatorPlugin =
  SegmenterPlugin | ObjectDetectorPlugin | TrackerPlugin | TargetReasonerPlugin | GripperDetectorPlugin;
export type AnnotatorPluginKind = AnnotatorPlugin["kind"];

/** The plugins one program annotates with, by kind and name. A value: nothing registers itself. */
export interface AnnotatorRegistry {
  /** @throws PVLA_UNKNOWN_PLUGIN with the nearest name and the list */
  get<K extends AnnotatorPluginKind>(kind: K, name: string, role: string): Extract<AnnotatorPlugin, { kind: K }>;
  list<K extends AnnotatorPluginKind>(kind: K): readonly Extract<AnnotatorPlugin, { kind: K }>[];
}

/** @throws PVLA_DUPLICATE_PLUGIN when two plugins of one kind share a name */
export function createAnnotatorRegistry(plugins: readonly AnnotatorPlugin[]): AnnotatorRegistry {
  const keys = new Set<string>();
  for (const { kind, name } of plugins) {
    if (keys.has(`${kind}:${name}`)) throw duplicatePlugin(kind, name);
    keys.add(`${kind}:${name}`);
  }
  const list = <K extends AnnotatorPluginKind>(kind: K) =>
    plugins.filter((p): p is Extract<AnnotatorPlugin, { kind: K }> => p.kind === kind);
  return {
    list,
    get(kind, name, role) {
      const found = list(kind).find((plugin) => plugin.name === name);
      if (found !== undefined) return found;
      throw unknownRole(
        role,
        kind,
        name,
        list(kind).map((plugin) => plugin.name),
      );
    },
  };
}
