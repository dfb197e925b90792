import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Random, programCost, type HostArray } from "@pixelvla/core";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { cutFrozenPrefix, visitInputs } from "../src/prefix-cache/cut-prefix.ts";
import { DiskStore } from "../src/prefix-cache/disk-store.ts";
import { RowCodec, type CacheDType } from "../src/prefix-cache/row-codec.ts";
import { MemoryStore, type RowStore } from "../src/prefix-cache/row-store.ts";
import { loadRecipe } from "../src/recipe/load-recipe.ts";
import { builtinRegistry } from "../src/recipe/registry.ts";
import { buildTraining } from "../src/train/build-program.ts";
import { randomFeeds, randomWeights } from "./policy-exchange.ts";

const RECIPE = fileURLToPath(new URL("../../../recipes/tabletop-openvla-tiny.yaml", import.meta.url));
const SAMPLES = 512;

interface CacheParams {
  readonly what: "hit" | "miss";
  readonly where: "disk" | "memory";
  readonly dtype: CacheDType;
  readonly threads: number;
  readonly folder: string;
}

/** `npm run perf -- cache`: rows of the frozen stem of the tabletop's policy, read back, and computed and written. */
export const perf = {
  name: "cache",
  title: "Prefix cache: 512 samples of the tabletop's frozen stem (64 x 128 values each)",
  order: 5,
  rounds: 5,
  warmup: 1,
  cases: [
    { name: "hit, memory", params: { what: "hit", where: "memory", dtype: "float32" } },
    { name: "hit, disk", params: { what: "hit", where: "disk", dtype: "float32" } },
    { name: "hit, disk, float16", params: { what: "hit", where: "disk", dtype: "float16" } },
    { name: "miss, disk", params: { what: "miss", where: "disk", dtype: "float32" } },
  ],
  async ours({ what, where, dtype, threads, folder }: CacheParams) {
    const { recipe, training } = loadRecipe(RECIPE);
    const { program, trained, policy } = buildTraining({ recipe, training }, builtinRegistry());
    const batch = training.batchSize;
    const cut = cutFrozenPrefix(program, trained, visitInputs(training.data, true), batch);
    if (cut.prefix === undefined) throw new Error(`Measuring the cache: ${cut.note}`);
    const codec = new RowCodec(cut.boundary, dtype);
    const executable = await onnxruntimeEngine({ provider: "cpu" }).compile(cut.prefix, {
      values: randomWeights(program),
      threads,
    });
    const feeds = randomFeeds(cut.prefix, policy);
    const computed = await executable.run(feeds);
    const open = (): RowStore =>
      where === "memory"
        ? new MemoryStore(1e9)
        : new DiskStore({ root: folder, program: "perf", rowBytes: codec.rowBytes, maxBytes: 4e9 });
    const key = (i: number) => (i + 1).toString(16).padStart(32, "0");
    const order = new Random(0).shuffled(Array.from({ length: SAMPLES }, (_, i) => i));
    let store = open();
    const keep = (values: Record<string, HostArray>, from: number) => {
      for (let i = 0; i < batch; i++) store.put(key(from + i), codec.pack(values, i));
    };
    if (what === "hit") for (let from = 0; from < SAMPLES; from += batch) keep(computed, from);
    const boundary = codec.feeds(batch);
    return {
      async run() {
        if (what === "hit") {
          order.forEach((sample, i) => codec.unpack(store.get(key(sample))!, boundary, i % batch));
          return;
        }
        store.close();
        rmSync(folder, { recursive: true, force: true });
        store = open();
        for (let from = 0; from < SAMPLES; from += batch) keep(await executable.run(feeds), from);
      },
      work: { amount: SAMPLES, unit: "sample" },
      facts: {
        rowBytes: codec.rowBytes,
        megabytesPerRun: (SAMPLES * codec.rowBytes) / 1e6,
        mflopPerSample: programCost(cut.prefix).total.forwardFlops / batch / 1e6,
      },
      async close() {
        store.close();
        await executable.dispose();
      },
    };
  },
};
