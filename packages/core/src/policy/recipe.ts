import { z } from "zod";
import { invalidConfig } from "./errors.ts";

/** A plugin by name, with its options (checked by the plugin's own schema when the policy is composed). */
export const pluginReference = z.strictObject({
  name: z.string().min(1).describe("Name of a registered plugin of this kind"),
  options: z.record(z.string(), z.unknown()).default({}).describe("The plugin's own options"),
});

export const loraSchema = z.strictObject({
  rank: z.int().positive().default(32).describe("Rank r of the adapter"),
  alpha: z.number().positive().default(16).describe("Scaling numerator: the adapter is multiplied by alpha / r"),
  dropout: z
    .literal(0)
    .default(0)
    .describe("Dropout on the adapter's input; OpenVLA, OFT and the paper use none, and no other value is supported"),
  targets: z
    .array(z.string())
    .default(["attention", "mlp"])
    .describe("Names of the backbone's target groups, or regular expressions over layer paths"),
});

export const quantiseSchema = z.strictObject({
  bits: z
    .union([z.literal(4), z.literal(8)])
    .default(4)
    .describe("Bits per weight"),
  blockSize: z.literal([16, 32, 64, 128]).default(32).describe("Weights of one row that share a scale"),
  activations: z
    .enum(["float32", "int8"])
    .default("float32")
    .describe(
      "What enters the products: as it is, or rounded to 8 bits, which decodes faster (much faster with 8-bit weights) and adds an error",
    ),
  exclude: z
    .array(z.string())
    .default(["lm_head$"])
    .describe("Regular expressions over layer paths that stay as they are"),
});

export const tokenizerSchema = z.strictObject({
  name: z.string().default("hashed-words").describe("Tokenizer: hashed-words, bytes, or a tokenizer.json file"),
  options: z.record(z.string(), z.unknown()).default({}).describe("The tokenizer's own options"),
});

/** A policy recipe: which parts, with which options, at which sizes. */
export const recipeSchema = z.strictObject({
  version: z.literal(1).default(1).describe("Version of this document's form"),
  name: z.string().min(1).describe("Name of the policy, shown everywhere"),
  description: z.string().default("").describe("What this policy is, in a sentence"),
  image: z
    .strictObject({
      height: z.int().positive().describe("Height in px of the image the policy sees"),
      width: z.int().positive().describe("Width in px"),
      fit: z
        .enum(["squash", "letterbox"])
        .default("squash")
        .describe("squash changes the aspect ratio; letterbox pads"),
      resample: z
        .enum(["bilinear", "bicubic", "lanczos"])
        .default("lanczos")
        .describe("Kernel the camera's image is resized with, as Pillow's of that name"),
    })
    .describe("Image geometry; masks and prompts follow the same map"),
  visionEncoder: pluginReference,
  projector: pluginReference,
  pixelEncoder: pluginReference.nullable().default(null).describe("null: the policy has no mask input"),
  promptEncoder: pluginReference.nullable().default(null).describe("null: the policy has no visual prompts"),
  backbone: pluginReference.extend({
    tokenizer: tokenizerSchema.prefault({}).describe("How text becomes tokens"),
    quantise: quantiseSchema
      .nullable()
      .default(null)
      .describe("Weight-only quantisation of the frozen backbone; null for none"),
    lora: loraSchema.nullable().default(null).describe("Low-rank adapters on the backbone; null for none"),
  }),
  decoder: pluginReference,
  text: z
    .strictObject({
      maxTokens: z
        .int()
        .positive()
        .default(32)
        .describe("Padded length of the tokenised prompt, placeholders included"),
      template: z
        .string()
        .default("What should the robot do to {instruction}, refer to {annotations} {visual prompts}")
        .describe("Prompt with pixel parts; {annotations} and {visual prompts} are replaced by embeddings"),
      plainTemplate: z
        .string()
        .default("In: What action should the robot take to {instruction}?\nOut:")
        .describe("Prompt when the policy has, or is given, no mask and no visual prompt"),
      lowercase: z.boolean().default(true).describe("Lower-case the instruction, as OpenVLA does"),
      endToken: z
        .int()
        .nonnegative()
        .nullable()
        .default(null)
        .describe("Token the prompt must end with, appended if it does not (OpenVLA: 29871)"),
    })
    .prefault({})
    .describe("The prompt template"),
  promptPoints: z.int().positive().default(8).describe("Prompt points per sample, padded"),
  chunkSize: z.int().positive().default(8).describe("Actions predicted at once, Nc"),
  executeSteps: z.int().positive().default(4).describe("Actions carried out before the next query"),
  actionDim: z.int().positive().default(7).describe("Action dimensions, A"),
  stateDim: z.int().nonnegative().default(0).describe("Proprioception dimensions, S; 0 reads no state"),
  checkpoint: z
    .string()
    .nullable()
    .default(null)
    .describe("Checkpoint folder the weights come from; null starts from scratch"),
  training: z.record(z.string(), z.unknown()).default({}).describe("Training options, checked by the training package"),
  serving: z.record(z.string(), z.unknown()).default({}).describe("Serving options, checked by the serving package"),
});

export type Recipe = z.output<typeof recipeSchema>;
export type RecipeInput = z.input<typeof recipeSchema>;
export type PluginReference = z.output<typeof pluginReference>;
export type QuantiseOptions = z.output<typeof quantiseSchema>;
export type LoraOptions = z.output<typeof loraSchema>;

/**
 * Checks a recipe document.
 * @param place file name for the message
 * @throws PVLA_CONFIG naming the first offending key
 */
export function parseRecipe(document: unknown, place?: string): Recipe {
  return parseConfig(recipeSchema, document, "Reading recipe", place);
}

/** Parses any configuration document; the first problem becomes the error sentence. */
export function parseConfig<S extends z.ZodType>(
  schema: S,
  document: unknown,
  doing: string,
  place?: string,
): z.output<S> {
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw invalidConfig(doing, issue.path.join("."), issueText(issue), place);
}

function issueText(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys")
    return `has unknown key${issue.keys.length > 1 ? "s" : ""} ${issue.keys.map((k) => `"${k}"`).join(", ")}`;
  return `is wrong: ${issue.message}`;
}

/** JSON Schema of the recipe document, for editors. */
export function recipeJsonSchema(): unknown {
  return z.toJSONSchema(recipeSchema, { io: "input" });
}
