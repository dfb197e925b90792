/** Training seeds as typed: whole numbers, separated by commas or spaces. Nothing typed means the file's own. */
export function parseSeeds(text: string): { seeds: number[]; error?: string } {
  const words = text.split(/[\s,]+/).filter(Boolean);
  const bad = words.find((word) => !/^\d{1,9}$/.test(word));
  if (bad !== undefined) return { seeds: [], error: `"${bad}" is no whole number.` };
  const seeds = words.map(Number);
  if (new Set(seeds).size < seeds.length) return { seeds: [], error: "A seed stands there twice." };
  return { seeds };
}
