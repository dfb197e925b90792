import { z } from "zod";
import { badMetadata } from "../errors.ts";

/** How one leaf of features.json lies in the Example. */
export interface FeatureSpec {
  /** Key in the Example, levels joined with "/": `steps/observation/image_0`. */
  readonly key: string;
  readonly kind: "tensor" | "image" | "text";
  /** NumPy name (`float32`, `uint8`, `bool`); `string` for text. */
  readonly dtype: string;
  /** Shape of one value; -1 where it varies. */
  readonly shape: readonly number[];
  /** Sequences around it: 0 = once an episode, 1 = once a step (or a plain list), 2 and more = ragged. */
  readonly sequenceRank: number;
  /** True below the RLDS `steps` dataset. */
  readonly perStep: boolean;
  /** Raw little-endian array inside a byte string, possibly zlib-compressed. */
  readonly encoding: "none" | "bytes" | "zlib";
  /** Declared image coding; the bytes themselves decide. */
  readonly imageFormat: string | undefined;
}

const shape = z
  .object({ dimensions: z.array(z.union([z.string(), z.number()]).transform(Number)).default([]) })
  .transform(({ dimensions }) => dimensions);

const leafSchema = z.object({
  pythonClassName: z.string().optional(),
  tensor: z.object({ shape: shape.default([]), dtype: z.string(), encoding: z.string().optional() }).optional(),
  image: z
    .object({ shape: shape.default([]), dtype: z.string().default("uint8"), encodingFormat: z.string().optional() })
    .optional(),
  video: z
    .object({ shape: shape.default([]), dtype: z.string().default("uint8"), encodingFormat: z.string().optional() })
    .optional(),
  text: z.object({}).optional(),
  classLabel: z.object({}).optional(),
  boundingBox: z.object({}).optional(),
  featuresDict: z.object({ features: z.record(z.string(), z.unknown()).default({}) }).optional(),
  sequence: z.object({ feature: z.unknown() }).optional(),
  dataset: z.object({ feature: z.unknown() }).optional(),
});

type Node = z.output<typeof leafSchema>;

/** Nesting deeper than this is not a feature tree but an attack on the stack. */
const MAX_DEPTH = 64;

/**
 * Flattens features.json to one spec a leaf, in file order.
 *
 * @throws PVLA_DATA_METADATA naming the node that cannot be understood
 */
export function flattenFeatures(json: unknown, file: string): FeatureSpec[] {
  const specs: FeatureSpec[] = [];
  visit(json, "", { sequenceRank: 0, perStep: false }, 0);
  return specs;

  function visit(raw: unknown, key: string, inside: { sequenceRank: number; perStep: boolean }, depth: number): void {
    const parsed = leafSchema.safeParse(raw);
    if (!parsed.success || depth > MAX_DEPTH)
      throw badMetadata(file, `no feature description at "${key || "(root)"}"`, { needed: "a TFDS feature tree" });
    const node = parsed.data;
    const inner = node.sequence ?? node.dataset;
    if (node.featuresDict) {
      for (const [name, child] of Object.entries(node.featuresDict.features))
        visit(child, key === "" ? name : `${key}/${name}`, inside, depth + 1);
    } else if (inner) {
      const perStep = inside.perStep || key === "steps";
      visit(inner.feature, key, { sequenceRank: inside.sequenceRank + 1, perStep }, depth + 1);
    } else {
      const leaf = leafOf(node);
      if (!leaf) throw badMetadata(file, `feature "${key}" of unknown class ${node.pythonClassName ?? "(none)"}`);
      const rank = node.video ? inside.sequenceRank + 1 : inside.sequenceRank;
      specs.push({ key, ...inside, sequenceRank: rank, ...leaf });
    }
  }
}

type Leaf = Pick<FeatureSpec, "kind" | "dtype" | "shape" | "encoding" | "imageFormat">;

function leafOf(node: Node): Leaf | undefined {
  const plain = { encoding: "none", imageFormat: undefined } as const;
  if (node.image) return { ...plain, kind: "image", ...pick(node.image) };
  if (node.video) return { ...plain, kind: "image", ...pick({ ...node.video, shape: node.video.shape.slice(1) }) };
  if (node.tensor) {
    const { shape, dtype, encoding } = node.tensor;
    const coded = encoding === "bytes" || encoding === "zlib" ? encoding : "none";
    return { kind: dtype === "string" ? "text" : "tensor", dtype, shape, encoding: coded, imageFormat: undefined };
  }
  if (node.text) return { ...plain, kind: "text", dtype: "string", shape: [] };
  if (node.classLabel) return { ...plain, kind: "tensor", dtype: "int64", shape: [] };
  if (node.boundingBox) return { ...plain, kind: "tensor", dtype: "float32", shape: [4] };
  return undefined;
}

const pick = (image: { shape: number[]; dtype: string; encodingFormat?: string | undefined }) => ({
  dtype: image.dtype,
  shape: image.shape,
  imageFormat: image.encodingFormat,
});
