import { parseConfig, type PluginReference } from "@pixelvla/core";
import type {
  ObjectDetector,
  OpenContext,
  Segmenter,
  Tracker,
  ObjectDetectorPlugin,
  SegmenterPlugin,
  TrackerPlugin,
} from "@pixelvla/segmenters";
import type { GripperDetector } from "../gripper/gripper-detector.ts";
import { openReasoner } from "../reasoning/reasoners.ts";
import type { TargetReasoner } from "../reasoning/target-reasoner.ts";
import type { AnnotationRecipe } from "../recipe/recipe.ts";
import { ModelClock } from "./model-clock.ts";
import type { AnnotatorRegistry } from "./registry.ts";

/** The open models of a recipe. */
export interface Roles {
  readonly gripperDetector: GripperDetector | undefined;
  readonly targetReasoner: TargetReasoner;
  readonly objectDetector: ObjectDetector;
  readonly segmenter: Segmenter;
  readonly agreementSegmenter: Segmenter | undefined;
  readonly tracker: Tracker | undefined;
  readonly clock: ModelClock;
  /** Names of all models behind an annotation, and their versions in the same order. */
  readonly model: string;
  readonly modelVersion: string;
  dispose(): Promise<void>;
}

/**
 * Opens every model a recipe names. Roles that name the same plugin with the same options share one model.
 *
 * @throws PVLA_UNKNOWN_PLUGIN, PVLA_CONFIG, and what opening the models throws; models opened by then are disposed
 */
export async function openRoles(
  recipe: AnnotationRecipe,
  registry: AnnotatorRegistry,
  context: OpenContext,
): Promise<Roles> {
  const pool = new ModelPool(registry, context);
  const { roles } = recipe;
  try {
    // One after another: each may take most of the memory while it loads.
    const targetReasoner = await pool.reasoner(roles.targetReasoner);
    const objectDetector = await pool.detector(roles.objectDetector, "objectDetector");
    const segmenter = await pool.segmenter(roles.segmenter, "segmenter");
    const agreementSegmenter = roles.agreementSegmenter
      ? await pool.segmenter(roles.agreementSegmenter, "agreementSegmenter")
      : undefined;
    const tracker = roles.tracker ? await pool.tracker(roles.tracker, "tracker") : undefined;
    const gripperDetector = roles.gripperDetector
      ? await pool.gripper(roles.gripperDetector, "gripperDetector")
      : undefined;
    const parts = [targetReasoner, objectDetector, segmenter, ...(tracker === undefined ? [] : [tracker])];
    return {
      gripperDetector,
      targetReasoner,
      objectDetector,
      segmenter,
      agreementSegmenter,
      tracker,
      clock: pool.clock,
      model: parts.map(({ model }) => model).join(" + "),
      modelVersion: parts.map(({ modelVersion }) => modelVersion).join(" + "),
      dispose: () => pool.dispose(),
    };
  } catch (error) {
    await pool.dispose();
    throw error;
  }
}

class ModelPool {
  readonly clock = new ModelClock();
  readonly #registry: AnnotatorRegistry;
  readonly #context: OpenContext;
  readonly #models = new Map<string, Promise<{ dispose(): Promise<void> }>>();

  constructor(registry: AnnotatorRegistry, context: OpenContext) {
    this.#registry = registry;
    this.#context = context;
  }

  reasoner(reference: PluginReference): Promise<TargetReasoner> {
    return this.#once("targetReasoner", reference, () =>
      openReasoner(reference, this.#registry.list("targetReasoner")),
    );
  }

  detector(reference: PluginReference, role: string): Promise<ObjectDetector> {
    const plugin = () => this.#registry.get("objectDetector", reference.name, role);
    return this.#once("objectDetector", reference, async () =>
      this.clock.detector(role, await this.#open(plugin(), reference, role)),
    );
  }

  segmenter(reference: PluginReference, role: string): Promise<Segmenter> {
    const plugin = () => this.#registry.get("segmenter", reference.name, role);
    return this.#once("segmenter", reference, async () =>
      this.clock.segmenter(role, await this.#open(plugin(), reference, role)),
    );
  }

  tracker(reference: PluginReference, role: string): Promise<Tracker> {
    const plugin = () => this.#registry.get("tracker", reference.name, role);
    return this.#once("tracker", reference, async () =>
      this.clock.tracker(role, await this.#open(plugin(), reference, role)),
    );
  }

  gripper(reference: PluginReference, role: string): Promise<GripperDetector> {
    const plugin = this.#registry.get("gripperDetector", reference.name, role);
    const options = parseConfig(plugin.options, reference.options, `Opening the role ${role} ("${plugin.name}")`);
    return plugin.open(options, {
      tracker: (inner) => this.tracker(inner, `${role}.tracker`),
      objectDetector: (inner) => this.detector(inner, `${role}.detector`),
    });
  }

  async dispose(): Promise<void> {
    for (const model of this.#models.values()) await model.then((opened) => opened.dispose()).catch(() => undefined);
    this.#models.clear();
  }

  #open(plugin: SegmenterPlugin, reference: PluginReference, role: string): Promise<Segmenter>;
  #open(plugin: ObjectDetectorPlugin, reference: PluginReference, role: string): Promise<ObjectDetector>;
  #open(plugin: TrackerPlugin, reference: PluginReference, role: string): Promise<Tracker>;
  #open(
    plugin: SegmenterPlugin | ObjectDetectorPlugin | TrackerPlugin,
    reference: PluginReference,
    role: string,
  ): Promise<Segmenter | ObjectDetector | Tracker> {
    const options = parseConfig(plugin.options, reference.options, `Opening the role ${role} ("${plugin.name}")`);
    return plugin.open(options, this.#context);
  }

  #once<T extends { dispose(): Promise<void> }>(
    kind: string,
    reference: PluginReference,
    open: () => Promise<T>,
  ): Promise<T> {
    const key = `${kind} ${reference.name} ${JSON.stringify(reference.options)}`;
    const known = this.#models.get(key);
    if (known !== undefined) return known as unknown as Promise<T>;
    const model = open();
    this.#models.set(key, model);
    return model;
  }
}
