import { pixelVlaError } from "@pixelvla/core";

/** Names from a comma-separated option, each on the list; `all` stands for the whole list. @throws PVLA_ARGUMENTS */
export function chosen<T extends string>(option: string, text: string, available: readonly T[]): T[] {
  if (text === "all") return [...available];
  return text.split(",").map((part) => {
    const name = part.trim();
    const found = available.find((entry) => entry === name);
    if (found !== undefined) return found;
    throw pixelVlaError(
      "PVLA_ARGUMENTS",
      {
        doing: "Reading the command line",
        found: `${option} names "${name}"`,
        needed: `one of ${available.join(", ")} (separated by commas), or all`,
      },
      { option, name, available },
    );
  });
}

/** One name of a list. @throws PVLA_ARGUMENTS */
export function oneOf<T extends string>(option: string, text: string, available: readonly T[]): T {
  const [first, ...more] = chosen(option, text, available);
  if (first !== undefined && more.length === 0) return first;
  throw pixelVlaError(
    "PVLA_ARGUMENTS",
    { doing: "Reading the command line", found: `${option} is "${text}"`, needed: `one of ${available.join(", ")}` },
    { option, text },
  );
}
