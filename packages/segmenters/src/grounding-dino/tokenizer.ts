import * as hub from "@huggingface/tokenizers";
import { tokenizerUnusable } from "./errors.ts";

/** The part of the library used here; its own declarations do not resolve under Node's module rules. */
interface HubTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
  decode(ids: readonly number[], options: { skip_special_tokens: boolean }): string;
  token_to_id(token: string): number | undefined;
}

const { Tokenizer: HubTokenizer } = hub as unknown as {
  readonly Tokenizer: new (tokenizer: object, config: object) => HubTokenizer;
};

/** WordPiece of a checkpoint, with the ids of the marks the model knows. */
export interface BertTokenizer {
  /** Ids without [CLS] and [SEP]. */
  encode(text: string): number[];
  /** Text of token ids, special tokens included, as transformers' `batch_decode`. */
  decode(ids: readonly number[]): string;
  readonly special: { readonly cls: number; readonly sep: number; readonly stop: number; readonly pad: number };
  /** [CLS], [SEP], full stop and question mark: what separates phrases. */
  readonly delimiters: ReadonlySet<number>;
}

/**
 * The tokenizer of a `tokenizer.json` and its `tokenizer_config.json`, both parsed.
 * @throws PVLA_DETECT_TOKENIZER when it cannot be read or lacks the model's marks
 */
export function bertTokenizer(json: object, config: object, source: string): BertTokenizer {
  let tokenizer: HubTokenizer;
  try {
    tokenizer = new HubTokenizer(json, config);
  } catch (error) {
    throw tokenizerUnusable(source, error instanceof Error ? error.message : String(error), error);
  }
  const id = (token: string) => {
    const found = tokenizer.token_to_id(token);
    if (found === undefined) throw tokenizerUnusable(source, `no token "${token}"`);
    return found;
  };
  const special = { cls: id("[CLS]"), sep: id("[SEP]"), stop: id("."), pad: id("[PAD]") };
  return {
    encode: (text) => [...tokenizer.encode(text, { add_special_tokens: false }).ids],
    decode: (ids) => (ids.length === 0 ? "" : tokenizer.decode([...ids], { skip_special_tokens: false })),
    special,
    delimiters: new Set([special.cls, special.sep, special.stop, id("?")]),
  };
}
