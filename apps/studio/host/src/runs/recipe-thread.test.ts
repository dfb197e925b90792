import { readFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { RecipeThread } from "./recipe-thread.ts";

const tiny = fileURLToPath(new URL("../../../../../recipes/openvla-tiny.yaml", import.meta.url));

test("a recipe of a hundred million layers is given up, and the next one is composed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pixelvla-recipe-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const huge = join(folder, "huge.yaml");
  writeFileSync(huge, readFileSync(tiny, "utf8").replace("layers: 2", "layers: 100000000"));
  const thread = new RecipeThread(5000);
  onTestFinished(() => thread.close());
  const question = { kind: "examine", overrides: [] } as const;
  await expect(thread.ask({ ...question, recipeFile: huge })).rejects.toMatchObject({ code: "PVLA_STUDIO_RECIPE" });
  const checks = await new RecipeThread().ask({ ...question, recipeFile: tiny });
  expect(checks.map(({ check, level }) => `${check} ${level}`)).toEqual(["recipe pass"]);
});

test("closing refuses what waits its turn, and starts no thread for it", async () => {
  const thread = new RecipeThread();
  const question = { kind: "examine", overrides: [], recipeFile: tiny } as const;
  const gone = { code: "PVLA_STUDIO_THREAD" };
  const asked = Promise.all([0, 1, 2].map(() => expect(thread.ask(question)).rejects.toMatchObject(gone)));
  await new Promise((later) => setTimeout(later, 100));
  await thread.close();
  await asked;
  await expect(thread.ask(question)).rejects.toMatchObject(gone);
});
