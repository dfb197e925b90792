import { t } from "../trpc.ts";
import {
  choicesSchema,
  composeDiffSchema,
  composeSchema,
  editSchema,
  saveRecipeSchema,
  type ComposeService,
} from "./compose.ts";

/** Procedures of the Compose room. */
export function composeRouter(compose: ComposeService) {
  const { procedure } = t;
  return t.router({
    examine: procedure.input(composeSchema).query(({ input }) => compose.examine(input)),
    choices: procedure.input(choicesSchema).query(({ input }) => compose.choices(input)),
    edit: procedure.input(editSchema).query(({ input }) => compose.edit(input)),
    diff: procedure.input(composeDiffSchema).query(({ input }) => compose.diff(input.text, input.against)),
    save: procedure.input(saveRecipeSchema).mutation(({ input }) => compose.save(input)),
  });
}
