import type { PolicyPlugin } from "@pixelvla/core";
import { llama } from "./llama/llama.ts";

/** Every backbone of this package, for `createRegistry`. */
export const builtinBackbones: readonly PolicyPlugin[] = [llama];

export { llama };
export { encodePrompt, type PromptRequest } from "./tokenizers/prompt.ts";
export { hashedWords } from "./tokenizers/hashed-words.ts";
export { type PromptTokens, type Tokenizer } from "./tokenizers/tokenizer.ts";
