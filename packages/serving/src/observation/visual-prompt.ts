import { z } from "zod";
import { badPrompt } from "../errors.ts";
import { isNdArray, toNumbers } from "../codec/nd-array.ts";
import type { BinaryMask } from "@pixelvla/data";

/** Name of the optional field of every protocol that carries a prompt; unaware clients never send it. */
export const PROMPT_FIELD = "visual_prompt";

/** What to act on, in pixels of the image it comes with (before the server turns or crops anything). */
export interface ServedPrompt {
  readonly points?: readonly { readonly x: number; readonly y: number; readonly isObject: boolean }[];
  readonly line?: readonly (readonly [number, number])[];
  /** x0, y0, x1, y1; the last two exclusive. */
  readonly box?: readonly [number, number, number, number];
  readonly mask?: BinaryMask;
}

const coordinate = z.number().min(-1).max(8192);
const pair = z.tuple([coordinate, coordinate]);
const schema = z
  .strictObject({
    points: z
      .array(z.union([pair, z.tuple([coordinate, coordinate, z.union([z.literal(0), z.literal(1)])])]))
      .min(1)
      .max(64)
      .optional(),
    line: z.array(pair).min(2).max(256).optional(),
    box: z.tuple([coordinate, coordinate, coordinate, coordinate]).optional(),
    mask: z.custom<unknown>().optional(),
  })
  .refine((prompt) => [prompt.points, prompt.line, prompt.box, prompt.mask].filter((p) => p != null).length === 1, {
    message: "needs exactly one of points, line, box and mask",
  });

/**
 * Reads a prompt: `{points: [[x, y] or [x, y, 0|1]]}`, `{line: [[x, y], …]}`, `{box: [x0, y0, x1, y1]}` or
 * `{mask: [H, W] array}`. Arrays may be numpy's.
 * @throws PVLA_SERVE_PROMPT
 */
export function readPrompt(value: unknown): ServedPrompt {
  const result = schema.safeParse(plain(value));
  if (!result.success) {
    const issue = result.error.issues[0]!;
    throw badPrompt(`${issue.path.join(".") || PROMPT_FIELD}: ${issue.message}`, "points, line, box or mask");
  }
  const { points, line, box, mask } = result.data;
  if (box !== undefined && (box[2] <= box[0] || box[3] <= box[1]))
    throw badPrompt(`the box [${box.join(", ")}]`, "x0 < x1 and y0 < y1");
  return {
    ...(points && { points: points.map(([x, y, label = 1]) => ({ x, y, isObject: label === 1 })) }),
    ...(line && { line }),
    ...(box && { box }),
    ...(mask != null && { mask: readMask(mask) }),
  };
}

function readMask(value: unknown): BinaryMask {
  if (isNdArray(value)) {
    const { shape } = value;
    const [heightPx, widthPx] = shape as [number, number];
    if (shape.length !== 2 || heightPx < 1 || widthPx < 1)
      throw badPrompt(`a mask of shape [${shape.join(", ")}]`, "[H, W]");
    return { widthPx, heightPx, data: Uint8Array.from(toNumbers(value), (v) => (v > 0.5 ? 1 : 0)) };
  }
  const rows = z
    .array(z.array(z.union([z.number(), z.boolean()])).min(1))
    .min(1)
    .safeParse(value);
  const widthPx = rows.success ? rows.data[0]!.length : 0;
  if (!rows.success || rows.data.some((row) => row.length !== widthPx))
    throw badPrompt("a mask that is no array", "[H, W]");
  return {
    widthPx,
    heightPx: rows.data.length,
    data: Uint8Array.from(rows.data.flat(), (v) => (Number(v) > 0.5 ? 1 : 0)),
  };
}

/** Numpy's arrays as nested lists, except for the mask. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]: [string, unknown]) => [name, name === "mask" ? member : listOf(member)]),
  );
}

function listOf(value: unknown): unknown {
  if (!isNdArray(value)) return value;
  const numbers = [...toNumbers(value)];
  const [rows, columns] = value.shape;
  if (columns === undefined) return numbers;
  return Array.from({ length: rows! }, (_, i) => numbers.slice(i * columns, (i + 1) * columns));
}
