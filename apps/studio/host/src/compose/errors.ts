import { pixelVlaError, type PixelVlaError } from "@pixelvla/core";

/** A recipe's text that is no YAML. */
export const unreadableText = (found: string): PixelVlaError =>
  pixelVlaError("PVLA_STUDIO_RECIPE_TEXT", {
    doing: "Reading the recipe",
    found,
    fix: "Mend the text; the graph follows",
  });

/** A recipe of that name is in the workspace already, and it is another. */
export const recipeTaken = (name: string): PixelVlaError =>
  pixelVlaError("PVLA_STUDIO_RECIPE_TEXT", {
    doing: `Saving the recipe ${JSON.stringify(name)}`,
    found: "another of that name ships with the software",
    fix: "Give it a name of its own",
  });
