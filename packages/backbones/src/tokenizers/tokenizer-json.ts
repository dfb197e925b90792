import * as hub from "@huggingface/tokenizers";
import { pixelVlaError } from "@pixelvla/core";
import type { Tokenizer } from "./tokenizer.ts";

/** The part of the library used here; its own declarations do not resolve under Node's module rules. */
interface HubTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
  get_vocab(withAddedTokens: boolean): ReadonlyMap<string, number>;
}

const { Tokenizer: HubTokenizer } = hub as unknown as {
  readonly Tokenizer: new (tokenizer: object, config: object) => HubTokenizer;
};

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
