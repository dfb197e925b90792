/** `run.ts` of an exported folder: 30 lines for Node 22.18 or later, which runs TypeScript as it is. */
export const RUN_TS = `// node run.ts IMAGE "INSTRUCTION" [STATE ...]: prints the action chunk. Needs onnxruntime-node and sharp.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import sharp from "sharp";
import { promptIds } from "./tokenizer.ts";

const here = import.meta.dirname;
const policy = JSON.parse(readFileSync(join(here, "policy.json"), "utf8"));
const session = await InferenceSession.create(join(here, "model.onnx"));

/** Image file or raw pixels, text, state in the dataset's units -> chunk [Nc][A] in the dataset's units. */
export async function act(image: sharp.Sharp, instruction: string, state: number[] = [], given: Record<string, ArrayLike<number>> = {}) {
  const { width, height, fit } = policy.image;
  const how = { fit: fit === "squash" ? "fill" : "contain", kernel: "lanczos3", background: "#000" } as const;
  const pixels = await image.removeAlpha().resize(width, height, how).raw().toBuffer();
  const ids: number[] = promptIds(policy, instruction, here, given.objectMask !== undefined);
  const scale = (v: number, i: number, s: any) => (!s || !s.mask[i] ? v : s.min[i] === s.max[i] ? 0 : Math.min(1, Math.max(-1, (2 * (v - s.q01[i])) / (s.q99[i] - s.q01[i] + 1e-8) - 1)));
  const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  const values: Record<string, (i: number) => number> = {
    image: (i) => pixels[i] / 255, tokens: (i) => ids[i] ?? policy.special.pad, tokenValid: (i) => (i < ids.length ? 1 : 0),
    state: (i) => scale(state[i], i, policy.statistics?.proprio), promptLabels: () => -1, noise: normal,
  };
  const feeds = Object.fromEntries(Object.entries(policy.inputs as Record<string, { dtype: string; shape: number[] }>).map(([name, { dtype, shape }]) => {
    const numbers = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => given[name]?.[i] ?? values[name]?.(i) ?? 0);
    return [name, dtype === "int64" ? new Tensor("int64", BigInt64Array.from(numbers, BigInt), shape) : new Tensor("float32", Float32Array.from(numbers), shape)];
  }));
  const chunk = (await session.run(feeds)).chunk.data as Float32Array, { actionDim, statistics } = policy, a = statistics?.action;
  return Array.from({ length: chunk.length / actionDim }, (_, k) => Array.from(chunk.subarray(k * actionDim, (k + 1) * actionDim), (v, i) => (a?.mask[i] ? 0.5 * (v + 1) * (a.q99[i] - a.q01[i]) + a.q01[i] : v)));
}
if (process.argv[2] && process.argv[1] === import.meta.filename) console.log(await act(sharp(process.argv[2]), process.argv[3]!, process.argv.slice(4).map(Number)));
`;

/** \`tokenizer.ts\` for the tokenizer without files. */
export const HASHED_WORDS_TS = `// Tokenizer of this policy: words and marks hashed into ids. Needs nothing.
function bucket(word: string, buckets: number): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) h = Math.imul(h ^ word.charCodeAt(i), 0x01000193);
  const s = new Uint32Array(4);
  for (let i = 0; i < 4; i++) {
    h = (h + 0x9e3779b9) >>> 0;
    let z = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    s[i] = z ^ (z >>> 16);
  }
  const draw = () => {
    const p = Math.imul(s[1]!, 5);
    const result = Math.imul((p << 7) | (p >>> 25), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return result;
  };
  return Math.floor((((draw() >>> 5) * 67108864 + (draw() >>> 6)) / 9007199254740992) * buckets);
}

const encode = (text: string, { tokenizer: { firstId, buckets } }: any, _folder: string): number[] =>
  (text.toLowerCase().match(/[\\p{L}\\p{N}]+|[^\\s\\p{L}\\p{N}]/gu) ?? []).map((word) => firstId + bucket(word, buckets));
`;

/** \`tokenizer.ts\` for a checkpoint's tokenizer.json. */
export const FILE_TOKENIZER_TS = `// Tokenizer of this policy: tokenizer.json beside this file. Needs @huggingface/tokenizers.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";

let loaded: Tokenizer | undefined;
const encode = (text: string, _policy: unknown, folder: string): number[] => {
  loaded ??= new Tokenizer(JSON.parse(readFileSync(join(folder, "tokenizer.json"), "utf8")), {});
  return [...loaded.encode(text, { add_special_tokens: false }).ids];
};
`;

/** The prompt, after either tokenizer. */
export const PROMPT_TS = `
export function promptIds(policy: any, instruction: string, folder: string, hasMask: boolean): number[] {
  const { text, special, placeholders } = policy;
  const filled: string = text[hasMask ? "template" : "plainTemplate"].replace("{instruction}", () => (text.lowercase ? instruction.toLowerCase() : instruction));
  const inserts: Record<string, string> = { "{annotations}": "annotations", "{visual prompts}": "visualPrompts" };
  const ids: number[] = [special.bos];
  for (const piece of filled.split(/(\\{annotations\\}|\\{visual prompts\\})/)) {
    const key = inserts[piece];
    ids.push(...(key === undefined ? encode(piece, policy, folder) : new Array<number>(placeholders[key]).fill(special[key])));
  }
  if (text.endToken !== null && ids.at(-1) !== text.endToken) ids.push(text.endToken);
  if (ids.length > text.maxTokens) throw new Error(\`the prompt has \${ids.length} tokens, the policy takes \${text.maxTokens}\`);
  return ids;
}
`;
