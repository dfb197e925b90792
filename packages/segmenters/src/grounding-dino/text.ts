import { MASKED_LOGIT } from "@pixelvla/core";
import type { BertTokenizer } from "./tokenizer.ts";
import { blankPhrase, noPhrases, phraseTooLong } from "./errors.ts";

/** Phrases joined to one text, as token ids. */
export interface PhraseText {
  /** `[CLS] phrase . phrase . [SEP]`. */
  readonly ids: readonly number[];
  /** Index of the phrase each token belongs to; -1 for marks between phrases. */
  readonly phraseOf: readonly number[];
}

/**
 * Joins phrases to as few texts as `maxTokens` allows, in order; `perText` limits the phrases of one text. Phrases are
 * trimmed, a full stop at their end is dropped, upper case is the tokenizer's business.
 * @throws PVLA_DETECT_PHRASES for no phrase, a blank one, or one that does not fit by itself
 */
export function joinPhrases(
  phrases: readonly string[],
  tokenizer: BertTokenizer,
  { maxTokens, perText = Infinity }: { maxTokens: number; perText?: number },
): PhraseText[] {
  if (phrases.length === 0) throw noPhrases();
  const { cls, sep, stop } = tokenizer.special;
  const texts: { ids: number[]; phraseOf: number[] }[] = [];
  let room = 0;
  let left = 0;
  phrases.forEach((phrase, index) => {
    const ids = tokenizer.encode(phrase.trim().replace(/[\s.]+$/, ""));
    if (ids.length === 0) throw blankPhrase(index, phrase);
    if (ids.length + 3 > maxTokens) throw phraseTooLong(phrase, ids.length, maxTokens - 3);
    if (left === 0 || ids.length + 1 > room) {
      texts.push({ ids: [cls], phraseOf: [-1] });
      room = maxTokens - 2;
      left = perText;
    }
    const text = texts.at(-1)!;
    text.ids.push(...ids, stop);
    text.phraseOf.push(...ids.map((id) => (tokenizer.delimiters.has(id) ? -1 : index)), -1);
    room -= ids.length + 1;
    left -= 1;
  });
  return texts.map(({ ids, phraseOf }) => ({ ids: [...ids, sep], phraseOf: [...phraseOf, -1] }));
}

/** Host tensors of a text, padded to `length`. */
export interface TextTensors {
  /** `[T]` int64. */
  readonly ids: BigInt64Array;
  /** `[T]` int64, place within the phrase. */
  readonly positions: BigInt64Array;
  /** Additive `[T, T]`. */
  readonly attention: Float32Array;
  /** Additive `[T]`: 0 for tokens, a large negative number for padding. */
  readonly mask: Float32Array;
}

/**
 * Sub-sentence attention: tokens see their own phrase, with the mark that ends it, and nothing else; positions restart
 * in every phrase. [CLS], [SEP] and what no inner mark ends see themselves only.
 *
 * Source: Grounding DINO §3.4 (sub-sentence level text feature); transformers'
 * `generate_masks_with_special_tokens_and_transfer_map` of the text without padding.
 */
export function textTensors(
  ids: readonly number[],
  delimiters: ReadonlySet<number>,
  length: number,
  padding: number,
): TextTensors {
  const blockEnd = new Int32Array(length).fill(-1);
  const positions = new BigInt64Array(length);
  let start = 0;
  ids.forEach((id, i) => {
    if (!delimiters.has(id)) return;
    if (i > 0 && i < ids.length - 1) {
      for (let t = start; t <= i; t++) {
        blockEnd[t] = i;
        positions[t] = BigInt(t - start);
      }
    }
    start = i + 1;
  });
  const attention = new Float32Array(length * length).fill(MASKED_LOGIT);
  for (let t = 0; t < length; t++) {
    attention[t * length + t] = 0;
    if (blockEnd[t]! < 0) continue;
    for (let s = 0; s < length; s++) if (blockEnd[s] === blockEnd[t]) attention[t * length + s] = 0;
  }
  return {
    ids: BigInt64Array.from({ length }, (_, i) => BigInt(ids[i] ?? padding)),
    positions,
    attention,
    mask: Float32Array.from({ length }, (_, i) => (i < ids.length ? 0 : MASKED_LOGIT)),
  };
}
