/**
 * Loads OpenVLA-7B from a quantised checkpoint and predicts actions; prints load time, memory and latency. A second policy
 * whose action has one dimension decodes one token from the prompt: the difference is the price of the other tokens.
 *
 *   node --conditions=@pixelvla/source --import tsx packages/training/perf/policy-7b/run.ts CHECKPOINT [--bits 4]
 *     [--activations float32|int8] [--recipe recipes/openvla-7b.yaml] [--runs 2] [--threads 2] [--tokens 1,7]
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { composePolicy, extractProgram, sizeOf, type HostArray } from "@pixelvla/core";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { loadRecipe } from "../../src/recipe/load-recipe.ts";
import { builtinRegistry } from "../../src/recipe/registry.ts";
import { bindBase } from "../../src/train/initial-weights.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    bits: { type: "string", default: "4" },
    activations: { type: "string", default: "float32" },
    tokens: { type: "string", default: "1,7" },
    recipe: {
      type: "string",
      default: fileURLToPath(new URL("../../../../recipes/openvla-7b.yaml", import.meta.url)),
    },
    runs: { type: "string", default: "2" },
    threads: { type: "string", default: "2" },
  },
});
const [checkpoint] = positionals;
if (checkpoint === undefined)
  throw new Error("Running a 7B policy: found no CHECKPOINT folder. See make-checkpoint.ts.");

const statusMb = (field: string) =>
  Math.round(
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024,
  );
const report = (what: string, sinceMs: number) => {
  const seconds = ((performance.now() - sinceMs) / 1000).toFixed(2);
  const memory = `resident ${statusMb("VmRSS")} MB (${statusMb("RssAnon")} its own), peak ${statusMb("VmHWM")} MB`;
  process.stdout.write(`${what.padEnd(34)} ${seconds.padStart(8)} s   ${memory}\n`);
};

for (const tokens of values.tokens.split(",")) await measure(Number(tokens));

/** Builds, loads and runs the policy with an action of so many dimensions, each of them one decoded token. */
async function measure(tokens: number): Promise<void> {
  let start = performance.now();
  const { recipe } = loadRecipe(values.recipe, [
    `checkpoint=${checkpoint!}`,
    `actionDim=${tokens}`,
    ...(values.bits === "16" ? [] : [`backbone.quantise={bits: ${values.bits}, activations: ${values.activations}}`]),
  ]);
  const policy = composePolicy(recipe, builtinRegistry(), { batch: 1, mode: "predict" });
  const program = extractProgram(policy.graph, { chunk: policy.chunk! });
  report(`graph of ${program.nodes.length} nodes, ${tokens} tokens`, start);
  start = performance.now();
  await bindBase(policy.graph, recipe);
  report("weights bound", start);
  start = performance.now();
  const executable = await onnxruntimeEngine().compile(program, { threads: Number(values.threads) });
  report("session created", start);

  const feeds: Record<string, HostArray> = {};
  for (const [name, { dtype, shape }] of policy.graph.inputs) {
    const size = sizeOf(shape);
    if (dtype === "int64") feeds[name] = BigInt64Array.from({ length: size }, (_, i) => BigInt(i === 0 ? 1 : 300 + i));
    else if (name === "tokenValid") feeds[name] = Float32Array.from({ length: size }, (_, i) => (i < 30 ? 1 : 0));
    else feeds[name] = Float32Array.from({ length: size }, (_, i) => 0.5 + 0.5 * Math.sin(i / 50));
  }
  const wanted = Object.fromEntries(executable.inputNames.map((name) => [name, feeds[name]!]));
  for (let i = 1; i <= Number(values.runs); i++) {
    start = performance.now();
    const { chunk } = await executable.run(wanted);
    report(`forward pass ${i}`, start);
    const actions = [...(chunk as Float32Array)];
    if (actions.some((value) => !Number.isFinite(value))) throw new Error("the policy's action is not finite");
    process.stdout.write(`  action ${actions.map((v) => v.toFixed(4)).join(" ")}\n`);
  }
  await executable.dispose();
}
