import { Tokenizer as HubTokenizer } from "@huggingface/tokenizers";
import { pixelVlaError } from "@pixelvla/core";
import type { Tokenizer } from "./tokenizer.ts";

/**
 * A tokenizer from a checkpoint's `tokenizer.json` (and `tokenizer_config.json`), already parsed. Special tokens are
 * not added: the prompt builder writes BOS and sentinels itself.
 * @throws PVLA_TOKENIZER_FILE
 */
export function tokenizerFromJson(tokenizerJson: object, config: object = {}): Tokenizer {
  let tokenizer: HubTokenizer;
  try {
    tokenizer = new HubTokenizer(tokenizerJson, config);
  } catch (error) {
    throw pixelVlaError(
      "PVLA_TOKENIZER_FILE",
      {
        doing: "Reading tokenizer.json",
        found: error instanceof Error ? error.message : String(error),
        fix: "Use the tokenizer.json of the checkpoint; a SentencePiece tokenizer.model must be converted first",
      },
      {},
      error,
    );
  }
  return {
    vocabularySize: tokenizer.get_vocab(true).size,
    encode: (text) => [...tokenizer.encode(text, { add_special_tokens: false }).ids],
  };
}
