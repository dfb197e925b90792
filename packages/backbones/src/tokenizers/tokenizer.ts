/** Text to token ids for one prompt: right-padded to a fixed length. */
export interface PromptTokens {
  /** `[T]`. */
  readonly ids: BigInt64Array;
  /** `[T]`, 1 for tokens, 0 for padding. */
  readonly valid: Float32Array;
}

/** The part of a backbone that lives on the host. */
export interface Tokenizer {
  /** Ids of a text, without BOS or EOS. Pieces between sentinels are encoded separately. */
  encode(text: string): number[];
  readonly vocabularySize: number;
}
