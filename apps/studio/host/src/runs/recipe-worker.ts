// Worker thread: composes recipes. A recipe is somebody else's text and may ask for anything, a billion layers included; here it can be stopped.
import { parentPort } from "node:worker_threads";
import { choicesFor, composition, edited } from "../compose/compose-answers.ts";
import { asProblem } from "../problem.ts";
import { sweepPreview } from "../sweeps/sweep-preview.ts";
import { examineRecipe, recipeChanges, recipeDiff } from "./recipe-answers.ts";
import type { RecipeAnswers, RecipeQuestion, RecipeReply, RecipeRequest } from "./recipe-messages.ts";

function answerTo(question: RecipeQuestion): RecipeAnswers[keyof RecipeAnswers] {
  switch (question.kind) {
    case "examine":
      return examineRecipe(question);
    case "changes":
      return recipeChanges(question);
    case "compose":
      return composition(question.text, question.stage);
    case "choices":
      return choicesFor(question.text, question.stage, question.part);
    case "edit":
      return edited(question.text, question.path, question.value);
    case "diff":
      return recipeDiff(question.texts);
    case "sweep":
      return sweepPreview(question);
  }
}

parentPort?.on("message", ({ id, ...question }: RecipeRequest) => {
  let reply: RecipeReply;
  try {
    reply = { id, answer: answerTo(question) };
  } catch (error) {
    reply = { id, failure: asProblem(error) };
  }
  parentPort?.postMessage(reply);
});
