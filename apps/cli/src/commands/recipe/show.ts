import { totalmem } from "node:os";
import type { ProgramCost } from "@pixelvla/core";
import { builtinRegistry, describeRecipe, loadRecipe, STAGE_NAMES, type RecipeDescription } from "@pixelvla/training";
import { defineCommand } from "citty";
import { formatTable, jsonArg, printResult } from "../../terminal/output.ts";
import { repeatedOption } from "../../terminal/repeated-option.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";

export const showCommand = defineCommand({
  meta: { name: "show", description: "Show a recipe as its graph of parts: shapes, parameters, operations, memory" },
  args: {
    recipe: { type: "positional", required: true, description: "Recipe file" },
    batch: { type: "string", default: "8", description: "Batch size of a train step" },
    stage: {
      type: "enum",
      options: [...STAGE_NAMES],
      description: "Stage whose freeze schedule counts (default: the recipe's)",
    },
    set: { type: "string", description: "Override a recipe key; may be given again" },
    ...jsonArg,
  },
  run({ args, rawArgs }) {
    const { recipe, training } = loadRecipe(args.recipe, repeatedOption(rawArgs, "--set"));
    const stage = args.stage ?? training.stage;
    const description = describeRecipe(recipe, builtinRegistry(), { batch: wholeNumber("--batch", args.batch), stage });
    printResult(args.json, description, () => text(description, recipe.description));
  },
});

function text(d: RecipeDescription, summary: string): string {
  const rows = d.parts.map(({ part, plugin, cost }) => [
    part,
    plugin,
    count(cost?.parameters ?? 0),
    count(cost?.trainableParameters ?? 0),
    bytes(cost?.weightBytes ?? 0),
    flops(cost?.forwardFlops ?? 0),
    flops(cost?.backwardFlops ?? 0),
  ]);
  const t = d.train.total;
  rows.push([
    "total",
    "",
    count(t.parameters),
    count(t.trainableParameters),
    bytes(t.weightBytes),
    flops(t.forwardFlops),
    flops(t.backwardFlops),
  ]);
  return [
    `${d.name}: ${summary}`,
    "",
    ...d.wires.map(({ from, to, shape }) => `  ${from} -> ${to}  ${shape}`),
    "",
    formatTable([["part", "plugin", "parameters", "trainable", "weights", "forward", "backward"], ...rows]),
    "",
    `train step, stage ${d.stage}, batch ${d.batch}: ${memory(d.train, true)}`,
    `prediction, batch 1: ${flops(d.predict.total.forwardFlops)}; ${memory(d.predict, false)}`,
    ...deviceLines(d),
    `graph of ${d.nodes} nodes built in ${d.buildMs.toFixed(0)} ms; no weight was read`,
  ].join("\n");
}

/** What fits where: this machine's memory, and the usual sizes of one GPU. */
function deviceLines(d: RecipeDescription): string[] {
  const devices: readonly (readonly [string, number])[] = [
    [`this machine, ${bytes(totalmem())}`, totalmem()],
    ["a 24 GB GPU", 24e9],
    ["an 80 GB GPU", 80e9],
    ["a 141 GB GPU", 141e9],
  ];
  const fits = (need: number, memory: number) => (need < 0.9 * memory ? "fits" : "too large");
  const rows = devices.map(([name, memory]) => [
    name,
    fits(neededBytes(d.train, true), memory),
    fits(neededBytes(d.predict, false), memory),
  ]);
  return ["", formatTable([["device", "train step", "prediction"], ...rows]), ""];
}

function neededBytes(cost: ProgramCost, training: boolean): number {
  const state = training ? cost.gradientBytes + cost.optimizerBytes : 0;
  return cost.total.weightBytes + cost.peakActivationBytes + state;
}

/** float32 activations; weights as stored (a bf16 checkpoint halves them). */
function memory(cost: ProgramCost, training: boolean): string {
  const parts = [`weights ${bytes(cost.total.weightBytes)}`, `activations ${bytes(cost.peakActivationBytes)}`];
  if (training) parts.push(`gradients ${bytes(cost.gradientBytes)}`, `optimizer ${bytes(cost.optimizerBytes)}`);
  return `${parts.join(", ")}; ${bytes(neededBytes(cost, training))} in all`;
}

const scaled = (value: number, units: readonly string[], step: number): string => {
  let v = value;
  let i = 0;
  while (v >= step && i < units.length - 1) {
    v /= step;
    i++;
  }
  return `${v >= 100 || i === 0 ? v.toFixed(0) : v.toPrecision(3)} ${units[i]!}`.trim();
};
const count = (n: number) => n.toLocaleString("en-US");
const bytes = (n: number) => scaled(n, ["B", "kB", "MB", "GB", "TB"], 1000);
const flops = (n: number) => scaled(n, ["FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP"], 1000);
