import { composePolicy, type PluginBase, type Recipe } from "@pixelvla/core";
import {
  policyParts,
  type ComposedPart,
  type ComposedWire,
  type Composition,
  type PartChoice,
  type PartOption,
  type PartState,
  type PolicyPart,
  type StageItem,
} from "@pixelvla/studio-contract";
import {
  buildTraining,
  builtinRegistry,
  checkRecipe,
  STAGE_NAMES,
  stageOf,
  type BuiltTraining,
  type StageName,
} from "@pixelvla/training";
import { parseDocument, stringify, type Document } from "yaml";
import { z } from "zod";
import { asProblem } from "../problem.ts";
import { unreadableText } from "./errors.ts";

const registry = builtinRegistry();
const isLora = (name: string) => /\.lora_[AB]\.weight$/.test(name);
/** Parts a policy may do without. */
const OPTIONAL: readonly PolicyPart[] = ["pixelEncoder", "promptEncoder"];

/** Reads YAML that may be anybody's. @throws PVLA_STUDIO_RECIPE_TEXT */
function documentOf(text: string): Document {
  const document = parseDocument(text, { logLevel: "error", strict: true });
  const [problem] = document.errors;
  if (problem !== undefined) throw unreadableText(problem.message.split("\n")[0] ?? "");
  return document;
}

const plain = (document: Document): unknown => document.toJS({ maxAliasCount: 100 }) as unknown;

/** Composes a recipe's text for a stage and says what it costs, or why it cannot be composed. */
export function composition(text: string, stage: string | undefined): Composition {
  const startedMs = performance.now();
  let data: unknown;
  const told = (rest: Partial<Composition>): Composition => ({
    name: nameIn(data),
    stage: stage ?? stageIn(data),
    stages: [],
    parts: policyParts.map((part) => cardOf(part, data, undefined)),
    wires: [],
    tookMs: performance.now() - startedMs,
    ...rest,
  });
  try {
    data = plain(documentOf(text));
    const recipe = checkRecipe(data, undefined, stage === undefined ? [] : [`training.stage=${JSON.stringify(stage)}`]);
    const stages = stagesOf(recipe.recipe);
    const used = recipe.training.stage;
    try {
      const built = buildTraining(recipe, registry);
      // What trains must also act: some parts only find out when a chunk is asked of them.
      composePolicy(recipe.recipe, registry, { batch: 1, mode: "predict" });
      const { total, peakActivationBytes, gradientBytes, optimizerBytes } = built.cost;
      return told({
        name: recipe.recipe.name,
        stage: used,
        stages,
        parts: policyParts.map((part) => cardOf(part, data, built)),
        wires: wiresOf(built),
        cost: {
          batchSize: recipe.training.batchSize,
          parameters: total.parameters,
          trainableParameters: total.trainableParameters,
          forwardFlops: total.forwardFlops,
          backwardFlops: total.backwardFlops,
          weightBytes: total.weightBytes,
          activationBytes: peakActivationBytes,
          gradientBytes,
          optimizerBytes,
        },
        tookMs: performance.now() - startedMs,
      });
    } catch (error) {
      return told({ stage: used, stages, problem: asProblem(error) });
    }
  } catch (error) {
    return told({ problem: asProblem(error) });
  }
}

/** Every plugin that could stand in a part's place, those that fit first; whether one fits is what the graph builder says of it. */
export function choicesFor(text: string, stage: string | undefined, part: PolicyPart): PartChoice[] {
  const data = plain(documentOf(text));
  const current = referenceIn(data, part);
  const names: (string | null)[] = registry.list(part).map(({ name }) => name);
  if (OPTIONAL.includes(part)) names.push(null);
  const choices = names.map((plugin): PartChoice => {
    const isCurrent = plugin === (current?.name ?? null);
    const changed = isCurrent ? text : swapped(text, part, plugin, current?.options ?? {});
    const { problem, cost } = composition(changed, stage);
    return { plugin, isCurrent, fits: problem === undefined, problem, text: changed, parameters: cost?.parameters };
  });
  return choices.sort((a, b) => Number(b.fits) - Number(a.fits));
}

/** A recipe's text with one value set or taken away; comments and order stay. `value` is YAML. @throws PVLA_STUDIO_RECIPE_TEXT */
export function edited(text: string, path: readonly string[], value: string | null): string {
  const document = documentOf(text);
  if (value === null) document.deleteIn(path);
  else document.setIn(path, document.createNode(plain(documentOf(value))));
  return document.toString({ lineWidth: 120, flowCollectionPadding: true });
}

/** The recipe with another plugin in a part's place; options that the new one knows too are kept. */
function swapped(
  text: string,
  part: PolicyPart,
  plugin: string | null,
  options: Readonly<Record<string, unknown>>,
): string {
  const document = documentOf(text);
  if (plugin === null) document.setIn([part], null);
  else {
    const known = new Set(optionKeys(registry.get(part, plugin)));
    const kept = Object.fromEntries(Object.entries(options).filter(([key]) => known.has(key)));
    if (document.getIn([part]) == null) document.setIn([part], document.createNode({}));
    document.setIn([part, "name"], plugin);
    if (Object.keys(kept).length > 0) document.setIn([part, "options"], document.createNode(kept));
    else document.deleteIn([part, "options"]);
  }
  return document.toString({ lineWidth: 120, flowCollectionPadding: true });
}

function stagesOf(recipe: Recipe): StageItem[] {
  return STAGE_NAMES.map((name: StageName) => {
    try {
      return { name, summary: stageOf(recipe, name).summary };
    } catch (error) {
      return { name, summary: "", problem: asProblem(error) };
    }
  });
}

function cardOf(part: PolicyPart, data: unknown, built: BuiltTraining | undefined): ComposedPart {
  const reference = referenceIn(data, part);
  const cost = built?.cost.parts.find((one) => one.part === part);
  const names = (built?.trained ?? []).map(({ name }) => name).filter((name) => name.startsWith(`${part}.`));
  return {
    part,
    plugin: reference?.name ?? null,
    state: stateOf(part, built, cost, names),
    parameters: cost?.parameters ?? 0,
    trainableParameters: cost?.trainableParameters ?? 0,
    forwardFlops: cost?.forwardFlops ?? 0,
    backwardFlops: cost?.backwardFlops ?? 0,
    weightBytes: cost?.weightBytes ?? 0,
    options: reference === undefined ? [] : optionsOf(part, reference),
  };
}

function stateOf(
  part: PolicyPart,
  built: BuiltTraining | undefined,
  cost: { readonly parameters: number; readonly trainableParameters: number } | undefined,
  trained: readonly string[],
): PartState {
  if (built?.stage.withoutPixelParts === true && OPTIONAL.includes(part)) return "left out";
  if (cost === undefined || cost.trainableParameters === 0) return "frozen";
  if (cost.trainableParameters === cost.parameters) return "trained";
  return trained.every(isLora) ? "lora" : "partly";
}

/** What passes between the parts; the hidden states between backbone and decoder are known by their width only. */
function wiresOf({ policy, stage }: BuiltTraining): ComposedWire[] {
  const { recipe, shape, wires } = policy;
  const plugin = registry.get("backbone", recipe.backbone.name);
  const width = plugin.width(plugin.options.parse(recipe.backbone.options));
  const shown = wires.map(({ from, to, shape: dims }) => ({ from, to, shape: dims, label: dims.join("×") }));
  const state: ComposedWire[] =
    recipe.stateDim > 0
      ? [
          {
            from: "state",
            to: "decoder",
            shape: [shape.batch, recipe.stateDim],
            label: `${shape.batch}×${recipe.stateDim}`,
          },
        ]
      : [];
  const chunk = [shape.batch, recipe.chunkSize, recipe.actionDim];
  return [
    ...shown.filter(({ to }) => !(stage.withoutPixelParts && (to === "pixelEncoder" || to === "promptEncoder"))),
    ...state,
    ...(shown.some(({ from }) => from === "pixelEncoder")
      ? [{ from: "visionEncoder", to: "pixelEncoder", shape: [], label: "levels" }]
      : []),
    { from: "backbone", to: "decoder", shape: [], label: `width ${width}` },
    ...(shown.some(({ from }) => from === "decoder")
      ? []
      : [{ from: "decoder", to: "action", shape: chunk, label: chunk.join("×") }]),
  ];
}

interface Reference {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A part as the text names it, whether or not the rest of the text makes sense. */
function referenceIn(data: unknown, part: PolicyPart): Reference | undefined {
  const found = isRecord(data) ? data[part] : undefined;
  if (!isRecord(found) || typeof found["name"] !== "string") return undefined;
  return { name: found["name"], options: isRecord(found["options"]) ? found["options"] : {} };
}

/** Options of a part's plugin with what the recipe says of them; none for a plugin nobody knows. */
function optionsOf(part: PolicyPart, { name, options }: Reference): PartOption[] {
  const plugin = registry.list(part).find((one) => one.name === name);
  if (plugin === undefined) return [];
  return Object.entries(schemaOf(plugin)).map(([key, property]) => ({
    key,
    description: typeof property["description"] === "string" ? property["description"] : "",
    type: typeOf(property),
    defaultText: "default" in property ? yamlOf(property["default"]) : undefined,
    text: key in options ? yamlOf(options[key]) : undefined,
  }));
}

const optionKeys = (plugin: PluginBase<string, z.ZodType>) => Object.keys(schemaOf(plugin));

function schemaOf({ options }: PluginBase<string, z.ZodType>): Record<string, Record<string, unknown>> {
  const schema = z.toJSONSchema(options, { io: "input", unrepresentable: "any" }) as { properties?: unknown };
  return (isRecord(schema.properties) ? schema.properties : {}) as Record<string, Record<string, unknown>>;
}

function typeOf(property: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(property["enum"])) return property["enum"].map(String).join("|");
  return typeof property["type"] === "string" ? property["type"] : "yaml";
}

const yamlOf = (value: unknown) => stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim();
const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);
const nameIn = (data: unknown) => (isRecord(data) && typeof data["name"] === "string" ? data["name"] : "");
function stageIn(data: unknown): string {
  const training = isRecord(data) ? data["training"] : undefined;
  return isRecord(training) && typeof training["stage"] === "string" ? training["stage"] : "";
}
