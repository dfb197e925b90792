import { pixelVlaError, type Recipe, type SpecialTokens } from "@pixelvla/core";
import type { PromptTokens, Tokenizer } from "./tokenizer.ts";

export interface PromptRequest {
  readonly instruction: string;
  /** Copies of each sentinel: Np and Ns of the composed policy; 0 selects the plain template. */
  readonly placeholders: { readonly annotations: number; readonly visualPrompts: number };
}

/**
 * Fills the recipe's template and tokenises it: BOS, text with sentinel ids in the place of embeddings, padding.
 * @throws PVLA_PROMPT_TOO_LONG
 */
export function encodePrompt(
  tokenizer: Tokenizer,
  special: SpecialTokens,
  text: Recipe["text"],
  request: PromptRequest,
): PromptTokens {
  const { annotations, visualPrompts } = request.placeholders;
  const template = annotations + visualPrompts === 0 ? text.plainTemplate : text.template;
  const instruction = text.lowercase ? request.instruction.toLowerCase() : request.instruction;
  const ids = [special.bos];
  // The instruction is filled in before tokenising: sub-word tokenizers see word boundaries across it.
  for (const piece of template
    .replace("{instruction}", () => instruction)
    .split(/(\{annotations\}|\{visual prompts\})/)) {
    if (piece === "{annotations}") ids.push(...new Array<number>(annotations).fill(special.annotations));
    else if (piece === "{visual prompts}") ids.push(...new Array<number>(visualPrompts).fill(special.visualPrompts));
    else ids.push(...tokenizer.encode(piece));
  }
  if (text.endToken !== null && ids.at(-1) !== text.endToken) ids.push(text.endToken);
  if (ids.length > text.maxTokens) throw promptTooLong(request.instruction, ids.length, text.maxTokens);
  const tokens = new BigInt64Array(text.maxTokens).fill(BigInt(special.pad));
  const valid = new Float32Array(text.maxTokens);
  ids.forEach((id, i) => {
    tokens[i] = BigInt(id);
    valid[i] = 1;
  });
  return { ids: tokens, valid };
}

function promptTooLong(instruction: string, found: number, limit: number) {
  return pixelVlaError("PVLA_PROMPT_TOO_LONG", {
    doing: `Tokenising the instruction "${instruction}"`,
    found: `${found} tokens`,
    needed: `at most ${limit}`,
    fix: "Raise text.maxTokens in the recipe or shorten the instruction",
  });
}
