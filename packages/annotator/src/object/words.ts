/** Levenshtein distance of two short words. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++)
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    previous = current;
  }
  return previous[b.length]!;
}

const wordsOf = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/**
 * Whether the target's noun (its last word) appears in the instruction, give or take a plural and a typing error: two
 * letters in a word of six or more, one in a shorter one. Guards against targets that a language model made up.
 */
export function appearsIn(target: string, instruction: string): boolean {
  const noun = wordsOf(target).at(-1);
  if (noun === undefined) return false;
  const allowed = noun.length >= 6 ? 2 : noun.length >= 4 ? 1 : 0;
  const singular = (word: string) => word.replace(/(?<=[^aiou])s$/, "");
  const words = wordsOf(instruction);
  // "egg plant" names what "eggplant" does.
  if (noun.length >= 4 && words.join("").includes(noun)) return true;
  return words.some((word) => editDistance(singular(word), singular(noun)) <= allowed);
}
