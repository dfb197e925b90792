import { z } from "zod";
import { cacheOptionsSchema } from "./prefix-cache/options.ts";
import { augmentSchema } from "./samples/augment-image.ts";
import { PROMPT_KINDS } from "./samples/visual-prompts.ts";
import { STAGE_NAMES } from "./train/stages.ts";

const parameterGroup = z.strictObject({
  match: z.string().describe("Regular expression over full parameter names"),
  learningRate: z.number().positive().optional().describe("Learning rate of the group"),
  weightDecay: z.number().nonnegative().optional().describe("Weight decay of the group"),
});

const auxiliaryTask = z.strictObject({
  name: z.string().min(1).describe("Name of a registered auxiliary loss"),
  options: z.record(z.string(), z.unknown()).default({}).describe("The loss's own options"),
  weight: z.number().positive().default(1).describe("Its factor in the sum of losses"),
});

/** The `training` part of a recipe. */
export const trainingOptionsSchema = z.strictObject({
  stage: z
    .enum(STAGE_NAMES)
    .default("from-scratch")
    .describe("Freeze schedule: which parts train, and whether the pixel parts are present"),
  trainable: z
    .array(z.string())
    .nullish()
    .describe("Regular expressions over parameter names, instead of the stage's own set; null for the stage's"),
  init: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "Run directory, checkpoint folder or shipped base whose weights the run starts from where name and shape match; the rest starts anew",
    ),
  objective: z
    .enum(["policy", "auxiliary"])
    .default("policy")
    .describe("auxiliary trains the encoders on the auxiliary losses alone, without backbone and decoder"),
  auxiliary: z
    .array(auxiliaryTask)
    .default([])
    .describe("Losses beside the action loss that read the target's mask and phrase; gone at inference"),
  pretrain: z
    .strictObject({
      steps: z
        .int()
        .positive()
        .describe("Train steps on the auxiliary losses alone, in the folder pretrain of the run"),
      batchSize: z.int().positive().optional().describe("Samples of one micro-batch; default: the run's"),
      learningRate: z.number().positive().optional().describe("Highest learning rate; default: the run's"),
      auxiliary: z.array(auxiliaryTask).optional().describe("Losses to train on; default: the run's"),
    })
    .nullable()
    .default(null)
    .describe("Pretraining of the encoders before the run itself; null for none"),
  seed: z.int().nonnegative().default(0).describe("Seed of initial values, order of samples and noise"),
  steps: z.int().positive().default(1000).describe("Train steps"),
  batchSize: z.int().positive().default(32).describe("Samples of one micro-batch"),
  microBatches: z.int().positive().default(1).describe("Micro-batches whose gradients are averaged in a train step"),
  provider: z
    .enum(["auto", "cpu", "webgpu", "cuda", "tensorrt", "dml", "coreml"])
    .default("cpu")
    .describe("Device the graph runs on"),
  threads: z.int().positive().optional().describe("Threads of one operator; default: physical cores"),
  optimizer: z
    .strictObject({
      kind: z.enum(["adamw", "sgd"]).default("adamw").describe("Update rule"),
      learningRate: z.number().positive().default(5e-4).describe("Highest learning rate"),
      weightDecay: z.number().nonnegative().default(0).describe("Weight decay"),
      betas: z.tuple([z.number(), z.number()]).default([0.9, 0.999]).describe("AdamW's averaging factors"),
      epsilon: z.number().positive().default(1e-8).describe("AdamW's epsilon"),
      momentum: z.number().nonnegative().default(0.9).describe("SGD's momentum"),
      clipNorm: z
        .number()
        .positive()
        .nullable()
        .default(1)
        .describe("Largest joint gradient norm; null for no clipping"),
      emaDecay: z
        .number()
        .min(0)
        .max(1)
        .nullable()
        .default(null)
        .describe("Decay of the moving average; null for none"),
      groups: z.array(parameterGroup).default([]).describe("Parameters with other rates; the first match counts"),
    })
    .prefault({})
    .describe("The optimizer"),
  schedule: z
    .strictObject({
      kind: z.enum(["constant", "cosine", "linear"]).default("cosine").describe("Course of the learning rate"),
      warmupSteps: z.int().nonnegative().default(0).describe("Train steps of linear rise"),
      finalFactor: z.number().min(0).max(1).default(0).describe("Share of the learning rate left at the end"),
    })
    .prefault({})
    .describe("Learning rate over train steps"),
  data: z
    .strictObject({
      split: z
        .string()
        .nullable()
        .default(null)
        .describe('Split to train on; null: "train" where there is one, else all'),
      camera: z.string().nullable().default(null).describe("Camera key; null: the dataset's third-person camera"),
      cacheMb: z.number().positive().default(512).describe("Memory for decoded images, MB"),
      mixEpisodes: z.int().positive().default(256).describe("Episodes whose frames are shuffled together"),
      firstFrameVisits: z
        .int()
        .positive()
        .default(1)
        .describe(
          "Visits of an episode's first frame in an epoch; more where only mask or prompt tell alike objects apart, before the arm's motion does",
        ),
      prefetch: z.int().positive().default(3).describe("Batches prepared ahead"),
      gripper: z
        .enum(["unit", "signed"])
        .default("unit")
        .describe("Gripper targets in {0, 1} as OpenVLA's checkpoints, or mapped to {-1, 1}"),
      statistics: z
        .enum(["dataset", "init"])
        .default("dataset")
        .describe("Normalisation: computed from the dataset, or kept from training.init, whose frozen weights know it"),
      annotations: z
        .string()
        .nullable()
        .default(null)
        .describe("Folder of the masks and prompts; null: the dataset itself or the sidecar beside it"),
      maskFrame: z
        .enum(["first", "each"])
        .default("first")
        .describe("Mask of the episode's first frame, as the policy is given it in use, or of every frame"),
      promptKinds: z
        .array(z.enum(PROMPT_KINDS))
        .min(1)
        .default([...PROMPT_KINDS])
        .describe("Kinds of visual prompt; one is drawn for every visit of a sample"),
      promptDropout: z
        .number()
        .min(0)
        .max(1)
        .default(0.1)
        .describe("Share of visits without mask and prompt, with the plain template"),
      promptJitterPx: z.number().nonnegative().default(0).describe("Spread of a random shift of mask and prompts, px"),
      augment: augmentSchema
        .nullable()
        .default(null)
        .describe("Random changes of the pictures' look, drawn anew at every visit; {} for OpenVLA's, null for none"),
      onDamage: z.enum(["stop", "skip"]).default("stop").describe("What to do about damaged files"),
    })
    .prefault({})
    .describe("Samples"),
  cache: cacheOptionsSchema.prefault({}).describe("Cache of what the frozen parts compute"),
  checkpoint: z
    .strictObject({
      everySteps: z.int().positive().default(200).describe("Train steps between checkpoints"),
      keepLast: z.int().positive().default(2).describe("Checkpoints kept besides the pinned ones"),
      pinEverySteps: z.int().positive().nullable().default(null).describe("Checkpoints at multiples of this stay"),
    })
    .prefault({})
    .describe("Checkpoints"),
  evaluation: z
    .strictObject({
      everySteps: z
        .int()
        .positive()
        .nullable()
        .default(null)
        .describe("Train steps between evaluations; null for none"),
      split: z.string().default("val").describe("Split to evaluate on"),
      batches: z.int().positive().default(8).describe("Batches of one evaluation"),
      patience: z
        .int()
        .positive()
        .nullable()
        .default(null)
        .describe("Stop after so many evaluations without a better one"),
    })
    .prefault({})
    .describe("Evaluation during training"),
  logEverySteps: z.int().positive().default(10).describe("Train steps between rows of metrics"),
});

export type TrainingOptions = z.output<typeof trainingOptionsSchema>;
