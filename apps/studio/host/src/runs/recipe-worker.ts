// Worker thread: composes recipes. A recipe is somebody else's text and may ask for anything, a billion layers included; here it can be stopped.
import { parentPort } from "node:worker_threads";
import { examineRecipe, recipeChanges } from "./recipe-answers.ts";
import type { RecipeReply, RecipeRequest } from "./recipe-messages.ts";

parentPort?.on("message", ({ id, ...question }: RecipeRequest) => {
  const answer = question.kind === "examine" ? examineRecipe(question) : recipeChanges(question);
  parentPort?.postMessage({ id, answer } satisfies RecipeReply);
});
