import type { PolicyPlugin } from "@pixelvla/core";
import { llama } from "./llama/llama.ts";
import { paligemma } from "./paligemma/paligemma.ts";

/** Every backbone of this package, for `createRegistry`. */
export const builtinBackbones: readonly PolicyPlugin[] = [llama, paligemma];

export { llama, paligemma };
export { encodePrompt, type PromptRequest } from "./tokenizers/prompt.ts";
export { hashedWords } from "./tokenizers/hashed-words.ts";
export { tokenizerFromJson } from "./tokenizers/tokenizer-json.ts";
export { type PromptTokens, type Tokenizer } from "./tokenizers/tokenizer.ts";
