import { readFileSync } from "node:fs";
import { parseConfig, PixelVlaError } from "@pixelvla/core";
import { LineCounter, parse, parseDocument, type Document } from "yaml";
import { z } from "zod";
import { badOverride, unreadableRecipe } from "../errors.ts";
import { parseAnnotationRecipe, seedSchema, type AnnotationRecipe, type AnnotationSeed } from "./recipe.ts";

/**
 * Reads an annotation recipe, applies `--set` overrides (`keep.minScore=0.4`; values are YAML) and checks it.
 *
 * @throws PVLA_RECIPE_FILE, PVLA_OVERRIDE, PVLA_CONFIG with file and line
 */
export function loadAnnotationRecipe(file: string, overrides: readonly string[] = []): AnnotationRecipe {
  const lines = new LineCounter();
  const document = readYaml(file, lines);
  for (const override of overrides) {
    const equals = override.indexOf("=");
    if (equals < 1) throw badOverride(override);
    document.setIn(
      override.slice(0, equals).split("."),
      document.createNode(parse(override.slice(equals + 1)) as unknown),
    );
  }
  try {
    return parseAnnotationRecipe(document.toJS());
  } catch (error) {
    if (!(error instanceof PixelVlaError) || error.code !== "PVLA_CONFIG") throw error;
    const place = placeOf(document, lines, file, String(error.facts["path"]));
    throw new PixelVlaError(
      error.code,
      `${error.message.replace(/\.$/, "")} (${place}).`,
      { ...error.facts, place },
      error,
    );
  }
}

/** Reads a seeds file: a YAML list of what a person said about episodes. @throws PVLA_RECIPE_FILE, PVLA_CONFIG */
export function loadSeeds(file: string): AnnotationSeed[] {
  return parseConfig(z.array(seedSchema), readYaml(file, new LineCounter()).toJS(), "Reading seeds", file);
}

function readYaml(file: string, lines: LineCounter): Document {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw unreadableRecipe(file, "no such file", error);
  }
  const document = parseDocument(text, { lineCounter: lines });
  const [problem] = document.errors;
  if (problem !== undefined) throw unreadableRecipe(file, problem.message, problem);
  return document;
}

/** `file.yaml, line 14` of the deepest key of `path` that the document has. */
function placeOf(document: Document, lines: LineCounter, file: string, path: string): string {
  for (let keys = path.split("."); keys.length > 0 && keys[0] !== ""; keys = keys.slice(0, -1)) {
    const node = document.getIn(keys, true) as { range?: [number, number, number] } | undefined;
    if (node?.range !== undefined) return `${file}, line ${lines.linePos(node.range[0]).line}`;
  }
  return file;
}
