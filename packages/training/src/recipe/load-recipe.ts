import { readFileSync } from "node:fs";
import { parseConfig, parseRecipe, PixelVlaError, type Recipe } from "@pixelvla/core";
import { Document, LineCounter, parse, parseDocument } from "yaml";
import { badOverride, unreadableRecipe } from "../errors.ts";
import { trainingOptionsSchema, type TrainingOptions } from "../training-options.ts";

/** A recipe with its training options checked. */
export interface TrainingRecipe {
  readonly recipe: Recipe;
  readonly training: TrainingOptions;
}

/**
 * Reads a recipe file, applies `--set` overrides (`training.steps=400`; values are YAML) and checks everything.
 * @throws PVLA_RECIPE_FILE, PVLA_OVERRIDE, PVLA_CONFIG with file and line
 */
export function loadRecipe(file: string, overrides: readonly string[] = []): TrainingRecipe {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw unreadableRecipe(file, "no such file", error);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [problem] = document.errors;
  if (problem !== undefined) throw unreadableRecipe(file, problem.message, problem);
  for (const override of overrides) applyOverride(document, override);
  return checkRecipe(document.toJS(), (path) => placeOf(document, lines, file, path));
}

/**
 * Checks a recipe document given as plain data, e.g. a run's `config.yaml`, after applying `overrides`.
 * @param place says where a key stands, for messages
 * @throws PVLA_CONFIG, PVLA_OVERRIDE
 */
export function checkRecipe(
  data: unknown,
  place: (path: string) => string | undefined = () => undefined,
  overrides: readonly string[] = [],
): TrainingRecipe {
  let document = data;
  if (overrides.length > 0) {
    const editable = new Document(data);
    for (const override of overrides) applyOverride(editable, override);
    document = editable.toJS();
  }
  try {
    const recipe = parseRecipe(document);
    const training = parseConfig(trainingOptionsSchema, recipe.training, "Reading recipe");
    return { recipe: { ...recipe, training }, training };
  } catch (error) {
    if (!(error instanceof PixelVlaError) || error.code !== "PVLA_CONFIG") throw error;
    const path = error.facts["path"] as string;
    const where = place(path) ?? place(`training.${path}`);
    if (where === undefined) throw error;
    throw new PixelVlaError(
      error.code,
      `${error.message.replace(/\.$/, "")} (${where}).`,
      { ...error.facts, place: where },
      error,
    );
  }
}

function applyOverride(document: Document, override: string): void {
  const equals = override.indexOf("=");
  if (equals < 1) throw badOverride(override);
  const path = override.slice(0, equals).split(".");
  document.setIn(path, document.createNode(parse(override.slice(equals + 1))));
}

/** `file.yaml, line 14` of the deepest key of `path` that the document has. */
function placeOf(document: Document, lines: LineCounter, file: string, path: string): string | undefined {
  for (let keys = path.split("."); keys.length > 0 && keys[0] !== ""; keys = keys.slice(0, -1)) {
    const node = document.getIn(keys, true) as { range?: [number, number, number] } | undefined;
    if (node?.range !== undefined) return `${file}, line ${lines.linePos(node.range[0]).line}`;
  }
  return undefined;
}
