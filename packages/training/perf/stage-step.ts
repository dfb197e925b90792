import { fileURLToPath } from "node:url";
import { sizeOf, type HostArray } from "@pixelvla/core";
import { onnxruntimeEngine, TrainSession } from "@pixelvla/engines";
import { cutFrozenPrefix, visitInputs } from "../src/prefix-cache/cut-prefix.ts";
import { RowCodec } from "../src/prefix-cache/row-codec.ts";
import { MemoryStore } from "../src/prefix-cache/row-store.ts";
import { loadRecipe } from "../src/recipe/load-recipe.ts";
import { builtinRegistry } from "../src/recipe/registry.ts";
import { buildTraining, optimizerConfig } from "../src/train/build-program.ts";
import { exchange, randomFeeds, randomWeights } from "./policy-exchange.ts";

const RECIPES = fileURLToPath(new URL("../../../recipes/", import.meta.url));

export interface StageParams {
  readonly recipe: string;
  readonly stage: "stage1" | "stage2";
  /** Whether ours reads the frozen prefix from the cache or runs the whole step. */
  readonly cached: boolean;
  readonly batch: number;
  readonly threads: number;
  readonly folder: string;
}

/**
 * One train step of a stage at a fixed batch, its prefix's values looked up per sample as in training. Recipe, weights, inputs, trained
 * names and the loss of the first step are left for the peers, which check that they compute the same.
 */
export async function stageStep({ recipe: name, stage, cached, batch, threads, folder }: StageParams) {
  const settings = [`training.stage=${stage}`, `training.batchSize=${batch}`, "training.schedule.warmupSteps=0"];
  const { recipe, training } = loadRecipe(`${RECIPES}${name}.yaml`, [...settings, "training.schedule.kind=constant"]);
  const built = buildTraining({ recipe, training }, builtinRegistry());
  const { program, trained, policy, cost } = built;
  const values = randomWeights(program);
  const feeds = randomFeeds(program, policy);
  // Stage 1 has no pixel parts: its text is the same at every visit, as in FrozenPrefix.open.
  const redrawn = visitInputs(training.data, stage !== "stage1");
  const cut = cutFrozenPrefix(program, trained, redrawn, batch);
  if (cut.prefix === undefined) throw new Error(`Measuring ${stage} of ${name}: ${cut.note}`);
  const optimizer = optimizerConfig(training, trained);
  const whole = await TrainSession.create(program, { optimizer, values, threads });
  const { loss } = await whole.evaluate(feeds);
  const description = {
    recipe,
    flops: cost.total.forwardFlops + cost.total.backwardFlops,
    trained: trained.map((parameter) => parameter.name),
    learningRate: training.optimizer.learningRate,
    clipNorm: training.optimizer.clipNorm,
    stage,
  };
  await exchange(folder, description, program, values, { ...feeds, loss: Float32Array.of(loss) });

  const codec = new RowCodec(cut.boundary, "float32");
  const store = new MemoryStore(1e9);
  const keys = Array.from({ length: batch }, (_, i) => i.toString(16).padStart(32, "0"));
  const executable = await onnxruntimeEngine({ provider: "cpu" }).compile(cut.prefix, { values, threads });
  const prefixFeeds = Object.fromEntries([...cut.prefix.inputs.keys()].map((input) => [input, feeds[input]!]));
  const computed = await executable.run(prefixFeeds);
  keys.forEach((key, i) => store.put(key, codec.pack(computed, i)));
  await executable.dispose();

  const session = cached ? await TrainSession.create(cut.suffix, { optimizer, values, threads }) : whole;
  if (cached) await whole.dispose();
  const own = Object.fromEntries(
    [...(cached ? cut.suffix : program).inputs.keys()].map((input) => [input, feeds[input]!]),
  );
  const losses: number[] = [];
  return {
    async run() {
      const boundary = cached ? codec.feeds(batch) : {};
      if (cached) keys.forEach((key, i) => codec.unpack(store.get(key)!, boundary, i));
      const fed: Record<string, HostArray> = { ...own, ...boundary };
      losses.push((await session.step(fed)).loss);
    },
    work: { amount: batch, unit: "sample" },
    facts: () => ({
      firstLoss: losses[0],
      expectedFirstLoss: loss,
      trainableParameters: trained.reduce((sum, { tensor }) => sum + sizeOf(tensor.shape), 0),
      cachedBytesPerSample: codec.rowBytes,
    }),
    close: () => session.dispose(),
  };
}
