import dictionaryEn from "dictionary-en";
import nspell from "nspell";
import { ADJECTIVES, COLOURS, FIXTURES, NOUNS } from "./vocabulary.ts";

const decoder = new TextDecoder();
let english: ReturnType<typeof nspell> | undefined;

/** Whether an English dictionary has the word; the dictionary is loaded at the first question. */
function isEnglish(word: string): boolean {
  english ??= nspell(decoder.decode(dictionaryEn.aff), decoder.decode(dictionaryEn.dic));
  return english.correct(word);
}

/**
 * Brings one lower-case noun of an instruction to a word the vocabulary has: "vissel" -> "vessel", "stuffedpig" ->
 * "stuffed pig". Words that the vocabulary or an English dictionary knows stay as they are, and so does whatever is not
 * clearly one slip away from a single known word.
 */
export function correctNoun(word: string): string {
  if (word.length < 5 || /[^a-z]/.test(word) || isKnown(word)) return word;
  const split = splitCompound(word);
  if (split !== undefined) return split;
  if (isEnglish(word)) return word;
  const slips = word.length >= 8 ? 2 : 1;
  return closest(word, [...NOUNS, ...FIXTURES, ...COLOURS], slips) ?? word;
}

/** Tried before all other verbs, for slips that are as near to a rare one. */
const COMMON_VERBS = ["pick", "place", "put", "move", "take", "grab", "open", "close", "push", "pull", "stack", "lift"];

/** Corrects a verb that is one slip away from exactly one of `verbs`: "pikc" -> "pick". */
export function correctVerb(word: string, verbs: ReadonlySet<string>): string {
  if (word.length < 3 || verbs.has(word) || isKnown(word) || isEnglish(word)) return word;
  return closest(word, COMMON_VERBS, 1) ?? closest(word, [...verbs], 1) ?? word;
}

function isKnown(word: string): boolean {
  return NOUNS.has(word) || COLOURS.has(word) || ADJECTIVES.has(word) || FIXTURES.has(word);
}

function splitCompound(word: string): string | undefined {
  for (let cut = 3; cut <= word.length - 3; cut++) {
    const [head, tail] = [word.slice(0, cut), word.slice(cut)];
    if ((COLOURS.has(head) || ADJECTIVES.has(head)) && NOUNS.has(tail) && !isEnglish(word)) return `${head} ${tail}`;
  }
  return undefined;
}

/** The only candidate within `slips`, or the nearest if it is alone at its distance. */
function closest(word: string, candidates: readonly string[], slips: number): string | undefined {
  for (let distance = 1; distance <= slips; distance++) {
    const near = candidates.filter((candidate) => slipsBetween(word, candidate, slips) === distance);
    const [first, second] = near;
    if (near.length === 1) return first;
    if (near.length === 2 && (second === `${first!}s` || second === `${first!}es`)) return first;
    if (near.length > 1) return undefined;
  }
  return undefined;
}

/** Insertions, deletions, replacements and swaps of neighbours between two words; `limit` + 1 when there are more. */
export function slipsBetween(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(replaced, row[j]! + 1, next[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, before[j - 2]! + 1);
      next.push(best);
    }
    before = row;
    row = next;
  }
  return Math.min(row[b.length]!, limit + 1);
}
