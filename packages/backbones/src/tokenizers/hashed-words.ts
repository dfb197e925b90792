import { Random } from "@pixelvla/core";
import type { Tokenizer } from "./tokenizer.ts";

/**
 * A tokenizer without files, for policies trained from scratch: lower-cased words and punctuation marks hashed into a
 * fixed number of ids above the special ones. Two words may share an id; with 1,984 buckets and a few hundred
 * instruction words that is rare. It carries no sub-word knowledge: an unseen word is an untrained embedding.
 */
export function hashedWords(firstId: number, buckets: number): Tokenizer {
  return {
    vocabularySize: firstId + buckets,
    encode: (text) =>
      (text.toLowerCase().match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? []).map(
        (word) => firstId + new Random(word).integer(buckets),
      ),
  };
}
