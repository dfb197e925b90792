import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "@pixelvla/core";
import { afterAll, expect, test } from "vitest";
import { builtinAnnotatorRegistry } from "../roles/builtins.ts";
import { loadAnnotationRecipe, loadSeeds } from "./load-recipe.ts";

const folder = mkdtempSync(join(tmpdir(), "pixelvla-recipe-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const recipes = join(import.meta.dirname, "../../../../recipes");
const shipped = readdirSync(recipes).filter((name) => name.startsWith("annotate-"));

test("the recipes are there and parse", () => {
  expect(shipped).toEqual(expect.arrayContaining(["annotate-embedded.yaml", "annotate-paper.yaml"]));
  for (const name of shipped) expect(loadAnnotationRecipe(join(recipes, name)).kind).toBe("annotation");
});

test.each(shipped)("%s names plugins that exist, with options they accept", (name) => {
  const { roles } = loadAnnotationRecipe(join(recipes, name));
  const registry = builtinAnnotatorRegistry();
  const check = (
    kind: Parameters<typeof registry.get>[0],
    role: { name: string; options?: unknown } | null | undefined,
  ) => {
    if (role === null || role === undefined) return;
    parseConfig(registry.get(kind, role.name, "role").options, role.options ?? {}, role.name);
  };
  const gripper = (roles.gripperDetector?.options ?? {}) as Record<
    string,
    { name: string; options?: unknown } | undefined
  >;
  check("gripperDetector", roles.gripperDetector);
  check("tracker", gripper["tracker"]);
  check("objectDetector", gripper["detector"]);
  check("targetReasoner", roles.targetReasoner);
  check("objectDetector", roles.objectDetector);
  check("segmenter", roles.segmenter);
  check("segmenter", roles.agreementSegmenter);
  check("tracker", roles.tracker);
});

test("overrides are applied, mistakes name key, file and line", () => {
  const file = join(recipes, "annotate-embedded.yaml");
  expect(loadAnnotationRecipe(file, ["prompts.points=9", "roles.tracker=null"])).toMatchObject({
    prompts: { points: 9 },
    roles: { tracker: null },
  });
  expect(() => loadAnnotationRecipe(file, ["region.mode=somewhere"])).toThrow(/region\.mode .*annotate-embedded\.yaml/);
  expect(() => loadAnnotationRecipe(file, ["roles.gripperDetector=null"])).toThrow(/set region\.mode to full/);
  expect(() => loadAnnotationRecipe(file, ["region.mod=full"])).toThrow(/unknown key "mod"/);
  expect(() => loadAnnotationRecipe(file, ["nonsense"])).toThrow(expect.objectContaining({ code: "PVLA_OVERRIDE" }));
  expect(() => loadAnnotationRecipe(join(folder, "none.yaml"))).toThrow(
    expect.objectContaining({ code: "PVLA_RECIPE_FILE" }),
  );
});

test("a seeds file is a list of boxes and close frames", () => {
  const file = join(folder, "seeds.yaml");
  writeFileSync(file, "- { episode: 3, close: 10, gripper: [1, 2, 30, 40] }\n- { episode: 4, close: 7 }\n");
  expect(loadSeeds(file)).toEqual([{ episode: 3, close: 10, gripper: [1, 2, 30, 40] }, { episode: 4, close: 7 }]); // prettier-ignore
  writeFileSync(file, "- { episode: 3, grippper: [1, 2, 30, 40] }\n");
  expect(() => loadSeeds(file)).toThrow(/grippper/);
  expect(existsSync(file)).toBe(true);
});
