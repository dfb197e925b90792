import { loadRecipe, recipeDifferences } from "@pixelvla/training";
import { defineCommand } from "citty";
import { formatTable, jsonArg, printResult } from "../../terminal/output.ts";

export const diffCommand = defineCommand({
  meta: { name: "diff", description: "Show what differs between two recipes, defaults included" },
  args: {
    left: { type: "positional", required: true, description: "Recipe file" },
    right: { type: "positional", required: true, description: "Recipe file" },
    ...jsonArg,
  },
  run({ args }) {
    const [left, right] = [loadRecipe(args.left).recipe, loadRecipe(args.right).recipe];
    const differences = recipeDifferences(left, right);
    const cell = (value: unknown) =>
      value === undefined ? "-" : typeof value === "string" ? value : JSON.stringify(value);
    printResult(args.json, differences, () =>
      differences.length === 0
        ? "No difference but the name."
        : formatTable([
            ["key", left.name, right.name],
            ...differences.map((d) => [d.key, cell(d.left), cell(d.right)]),
          ]),
    );
  },
});
