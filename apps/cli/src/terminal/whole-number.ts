import { pixelVlaError } from "@pixelvla/core";

/** A whole number of 0 or more from a command-line value. @throws PVLA_ARGUMENTS */
export function wholeNumber(option: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw pixelVlaError(
    "PVLA_ARGUMENTS",
    { doing: "Reading the command line", found: `${option} is "${text}"`, needed: "a whole number of 0 or more" },
    { option, text },
  );
}
