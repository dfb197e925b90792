import { z } from "zod";
import { parseTarget } from "./grammar.ts";
import { defineTargetReasoner } from "./target-reasoner.ts";

const options = z.strictObject({
  toolIsTarget: z
    .boolean()
    .default(false)
    .describe('Whether "wipe the pot with the sponge" has the sponge as its target'),
});

/** Grows with every change of the rules or the vocabulary: it is part of an annotation's provenance. */
export const GRAMMAR_VERSION = "1";

/** A grammar of robot instructions: needs no model, answers at once, gives no target rather than a doubtful one. */
export const grammarReasoner = defineTargetReasoner({
  name: "grammar",
  summary: "A built-in grammar of English robot instructions; no model, no download.",
  options,
  open: (parsed) =>
    Promise.resolve({
      model: "grammar",
      modelVersion: GRAMMAR_VERSION,
      reason: (instruction) => Promise.resolve(parseTarget(instruction, parsed)),
      dispose: () => Promise.resolve(),
    }),
});
