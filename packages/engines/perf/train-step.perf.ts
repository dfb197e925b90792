import { Random } from "@pixelvla/core";
import { TrainSession, trainProgram } from "../src/index.ts";
import { buildTransformer } from "../test/transformer.ts";

const SIZE = { vocab: 256, width: 512, heads: 8, blocks: 4, length: 256 };
const TRAINING = { batch: 8, lr: 3e-4, weightDecay: 0.01 };

/** Matrix-product FLOPs of one forward and backward pass, counted as the peer counts them. */
function trainFlops({ vocab, width, blocks, length }: typeof SIZE, batch: number): number {
  const weights = blocks * 12 * width * width + vocab * width;
  return 3 * (2 * batch * length * weights + blocks * 4 * batch * length * length * width);
}

/** `npm run perf -- train-step`: forward, backward and AdamW of a 4-block transformer, against PyTorch. */
export const perf = {
  name: "train-step",
  title: "One train step: 4 blocks, width 512, 8 heads, batch 8 x 256 tokens, forward + backward + AdamW",
  order: 1,
  matmul: true,
  cases: [{ name: "4-block", params: { ...SIZE, ...TRAINING } }],
  peers: [
    { name: "pytorch-eager", python: "perf_train_step.py" },
    { name: "pytorch-compile", python: "perf_train_step.py", params: { compile: true } },
  ],
  goals: [
    { peer: "pytorch-eager", ratio: 0.8 },
    { peer: "pytorch-compile", ratio: 1 },
    { peer: "pytorch-eager", memoryRatio: 1 },
  ],
  async ours(params: { threads: number; batch: number; lr: number; weightDecay: number; microBatch?: number }) {
    const { threads, batch, lr, weightDecay, microBatch = 2 } = params;
    const { g, loss } = buildTransformer(SIZE, microBatch);
    const program = trainProgram(loss, [...g.parameters.values()]);
    const session = await TrainSession.create(program, {
      threads,
      optimizer: { kind: "adamw", learningRate: lr, weightDecay },
    });
    const random = new Random(0);
    const ids = () => BigInt64Array.from({ length: batch * SIZE.length }, () => BigInt(random.integer(SIZE.vocab)));
    const feeds = { tokens: ids(), labels: ids() };
    const losses: number[] = [];
    const optimizerMs: number[] = [];
    return {
      async run() {
        const report = await session.step(feeds);
        losses.push(report.loss);
        optimizerMs.push(report.optimizerMs);
      },
      work: { amount: trainFlops(SIZE, batch), unit: "FLOP" },
      facts: () => ({
        parameters: session.parameters.reduce((sum, { length }) => sum + length, 0),
        nodes: program.nodes.length,
        microBatch,
        firstLoss: losses[0],
        loss: losses.at(-1),
        steps: losses.length,
        optimizerMs: optimizerMs.sort((a, b) => a - b)[optimizerMs.length >> 1],
      }),
      close: () => session.dispose(),
    };
  },
};
