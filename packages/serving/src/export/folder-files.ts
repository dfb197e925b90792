import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ComposedPolicy, Program } from "@pixelvla/core";
import type { RecipeText } from "@pixelvla/training";
import type { GraphSource } from "../policy/open-source.ts";
import type { Precision } from "./export-weights.ts";
import type { ActionError } from "./measure-error.ts";
import { FILE_TOKENIZER_PY, HASHED_WORDS_PY, PROMPT_PY, RUN_PY } from "./runner-python.ts";
import { FILE_TOKENIZER_TS, HASHED_WORDS_TS, PROMPT_TS, RUN_TS } from "./runner-typescript.ts";

interface FolderParts {
  readonly folder: string;
  readonly source: GraphSource;
  readonly policy: ComposedPolicy;
  readonly program: Program;
  readonly text: RecipeText;
  readonly precision: Precision;
  /** Model files in the folder. */
  readonly programs: readonly string[];
  readonly actionError: ActionError | undefined;
}

/** Writes everything of an exported folder but models and weights. */
export function folderFiles(parts: FolderParts): void {
  const { folder, source, policy, program, text } = parts;
  const { recipe } = source.trainingRecipe;
  const { name: tokenizer, options } = recipe.backbone.tokenizer;
  const isHashed = tokenizer === "hashed-words";
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
  const shapes = (tensors: Program["inputs"]) =>
    Object.fromEntries([...tensors].map(([name, { dtype, shape }]) => [name, { dtype, shape }]));
  write(
    "policy.json",
    `${JSON.stringify(
      {
        name: recipe.name,
        image: recipe.image,
        text: recipe.text,
        special: text.special,
        placeholders: policy.placeholders,
        tokenizer: isHashed ? { kind: tokenizer, firstId: 8, buckets: 2040, ...options } : { kind: tokenizer },
        chunkSize: recipe.chunkSize,
        executeSteps: recipe.executeSteps,
        actionDim: recipe.actionDim,
        stateDim: recipe.stateDim,
        inputs: shapes(program.inputs),
        outputs: shapes(program.outputs),
        statistics: source.statistics ?? null,
      },
      null,
      2,
    )}\n`,
  );
  if (source.statistics !== undefined)
    write("dataset_statistics.json", `${JSON.stringify(source.statistics, null, 2)}\n`);
  write("run.py", RUN_PY);
  write("run.ts", RUN_TS);
  write("tokenizer.py", (isHashed ? HASHED_WORDS_PY : FILE_TOKENIZER_PY) + PROMPT_PY);
  write("tokenizer.ts", (isHashed ? HASHED_WORDS_TS : FILE_TOKENIZER_TS) + PROMPT_TS);
  if (!isHashed) copyTokenizer(String(options["path"]), folder);
  write("README.md", readme(parts));
}

function copyTokenizer(path: string, folder: string): void {
  const file = path.endsWith(".json") ? path : join(path, "tokenizer.json");
  copyFileSync(file, join(folder, "tokenizer.json"));
  const config = join(dirname(file), "tokenizer_config.json");
  if (existsSync(config)) copyFileSync(config, join(folder, "tokenizer_config.json"));
}

function readme({ source, program, precision, programs, actionError }: FolderParts): string {
  const { recipe } = source.trainingRecipe;
  const rows = (tensors: Program["inputs"], notes: Readonly<Record<string, string>>) =>
    [...tensors]
      .map(([name, { dtype, shape }]) => `| \`${name}\` | ${dtype} [${shape.join(", ")}] | ${notes[name] ?? ""} |`)
      .join("\n");
  const error =
    actionError === undefined
      ? "not measured"
      : `mean ${actionError.mean.toExponential(1)}, largest ${actionError.max.toExponential(1)} over ${actionError.observations} synthetic observations (actions normalised to [-1, 1])`;
  return `# ${recipe.name}

${recipe.description || "A policy exported by PixelVLA Studio."} Plain ONNX: it needs onnxruntime and nothing of the software it was trained with.

| file | what |
| --- | --- |
${programs.map((file) => `| \`${file}\` | ${MODEL_NOTES[file] ?? "model"} |`).join("\n")}
| \`weights.bin\` | their weights (${precision}${source.checkpoint === undefined ? "; **random where the recipe names no checkpoint**" : ""}), referenced by the models |
| \`policy.json\` | image geometry, prompt template, special tokens, shapes, statistics |
| \`run.py\`, \`tokenizer.py\` | \`python run.py photo.png "pick up the red cube"\` (onnxruntime, numpy, pillow) |
| \`run.ts\`, \`tokenizer.ts\` | \`node run.ts photo.png "pick up the red cube"\` (Node 22.18 or later, onnxruntime-node, sharp) |

Deviation of the actions from the policy before export: ${error}.

The model's inputs (batch 1):

| name | type | meaning |
| --- | --- | --- |
${rows(program.inputs, INPUT_NOTES)}

Output:

| name | type | meaning |
| --- | --- | --- |
${rows(program.outputs, { chunk: "action chunk, normalised; the runners bring it to the dataset's units" })}

Actions are ${recipe.actionDim} numbers a step${recipe.actionDim === 7 ? " (x y z in metres, roll pitch yaw in radians, gripper 1 = open), deltas" : ""}; execute ${Math.min(recipe.executeSteps, recipe.chunkSize)} of ${recipe.chunkSize} before the next query.
`;
}

const MODEL_NOTES: Readonly<Record<string, string>> = {
  "model.onnx": "observation to action chunk",
  "prefix.onnx": "image and text to cached keys and values; once an observation",
  "sample.onnx": "those, state and noise to the chunk; again for every sample drawn",
};

const INPUT_NOTES: Readonly<Record<string, string>> = {
  image: "RGB in [0, 1], fitted as policy.json says",
  tokens: "prompt, right-padded",
  tokenValid: "1 for tokens, 0 for padding",
  state: "proprioception, normalised by q01 and q99",
  objectMask: "target object in {0, 1}, fitted like the image; zeros without a prompt",
  promptPoints: "prompt points, x and y in [0, 1] of the fitted image",
  promptLabels: "-1 padding, 0 background, 1 object, 2 and 3 corners of a box",
  promptMask: "a mask given as prompt; zeros when none is",
  noise: "standard normal",
};
