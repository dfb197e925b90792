import { instructionWords } from "../normalise-instruction.ts";
import { correctNoun } from "../spelling.ts";
import type { TargetAnswer } from "../target-reasoner.ts";
import { UNSPECIFIC } from "../vocabulary.ts";

/** What a model wrote, judged. `retry` says whether asking again may help. */
export type ReadAnswer =
  | { readonly kind: "answer"; readonly answer: TargetAnswer }
  | {
      readonly kind: "unusable";
      readonly reason: string;
      readonly fault: NonNullable<TargetAnswer["fault"]>;
      readonly retry: boolean;
    };

const REFUSAL = /\b(?:i (?:can(?:not|'t)|am (?:sorry|unable)|won't)|as an ai|sorry)\b/i;
const unusable = (reason: string, retry = true): ReadAnswer => ({ kind: "unusable", reason, fault: "unusable", retry });

/**
 * Reads a model's answer to one instruction. An object whose words are not in the instruction (after spelling) is
 * refused: a model that invents objects must not decide what is annotated.
 */
export function readAnswer(text: string, instruction: string): ReadAnswer {
  const found = firstJsonObject(text);
  if (found === undefined)
    return REFUSAL.test(text) ? unusable("the model refused to answer", false) : unusable("the answer holds no JSON");
  if (!("object" in found)) return unusable('the answer has no member "object"');
  const object = found["object"];
  if (object === null || object === "")
    return { kind: "answer", answer: { reason: "the model sees nothing to grasp", confidence: 0.8 } };
  if (typeof object !== "string" || object.length > 80) return unusable('"object" is no short text');
  const words = instructionWords(object).filter((word) => !/^(?:the|a|an|,)$/.test(word));
  if (words.length === 0) return unusable('"object" holds no word');
  const target = words.map(correctNoun).join(" ");
  const said = new Set(instructionWords(instruction).flatMap((word) => [word, ...correctNoun(word).split(" ")]));
  const invented = target.split(" ").filter((word) => !said.has(word) && !said.has(`${word}s`));
  if (invented.length > 0) {
    const reason = `the model names "${target}", which the instruction does not`;
    return { kind: "unusable", reason, fault: "unfounded", retry: true };
  }
  if (words.every((word) => UNSPECIFIC.has(word)))
    return { kind: "answer", answer: { reason: `"${target}" can be anything`, confidence: 0.8 } };
  return { kind: "answer", answer: { target, alternatives: target.split(" or "), confidence: 0.9 } };
}

/** The first `{…}` that parses, also inside prose or a code fence. */
function firstJsonObject(text: string): Record<string, unknown> | undefined {
  const clipped = text.slice(0, 4000);
  for (let start = clipped.indexOf("{"); start >= 0; start = clipped.indexOf("{", start + 1))
    for (let end = clipped.indexOf("}", start); end >= 0; end = clipped.indexOf("}", end + 1)) {
      try {
        const value: unknown = JSON.parse(clipped.slice(start, end + 1));
        if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
      } catch {
        // Not a complete object yet: try the next closing brace.
      }
    }
  return undefined;
}
