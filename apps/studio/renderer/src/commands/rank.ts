/**
 * The items whose text holds every word of `query`, best first: a match at the start, then at the start of a word, then anywhere.
 * An empty query keeps the order.
 */
export function rank<T>(items: readonly T[], query: string, textOf: (item: T) => string): T[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...items];
  return items
    .flatMap((item, order) => {
      const text = textOf(item).toLowerCase();
      let score = 0;
      for (const word of words) {
        const at = text.indexOf(word);
        if (at < 0) return [];
        score += at === 0 ? 0 : text.includes(` ${word}`) ? 1 : 2;
      }
      return [{ item, score, order }];
    })
    .sort((a, b) => a.score - b.score || a.order - b.order)
    .map(({ item }) => item);
}
