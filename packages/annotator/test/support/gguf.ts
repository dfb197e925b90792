/** Values of a GGUF file's header, by GGUF's own type names. */
type Entry =
  | { readonly key: string; readonly u32: number }
  | { readonly key: string; readonly f32: number }
  | { readonly key: string; readonly text: string }
  | { readonly key: string; readonly texts: readonly string[] }
  | { readonly key: string; readonly f32s: readonly number[] }
  | { readonly key: string; readonly i32s: readonly number[] };

/** A float32 tensor; `dims` innermost first, as GGML counts them. */
interface Tensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Buffer;
}

const ALIGNMENT = 32;
const u32 = (n: number): Buffer => Buffer.from(Uint32Array.of(n).buffer);
const i32 = (n: number): Buffer => Buffer.from(Int32Array.of(n).buffer);
const f32 = (n: number): Buffer => Buffer.from(Float32Array.of(n).buffer);
const u64 = (n: number): Buffer => Buffer.from(BigUint64Array.of(BigInt(n)).buffer);
const text = (s: string): Buffer => Buffer.concat([u64(Buffer.byteLength(s)), Buffer.from(s)]);
const array = (type: number, items: readonly Buffer[]) => [u32(9), u32(type), u64(items.length), ...items];

function encode(entry: Entry): Buffer {
  const parts: Buffer[] = [text(entry.key)];
  if ("u32" in entry) parts.push(u32(4), u32(entry.u32));
  else if ("f32" in entry) parts.push(u32(6), f32(entry.f32));
  else if ("text" in entry) parts.push(u32(8), text(entry.text));
  else if ("texts" in entry) parts.push(...array(8, entry.texts.map(text)));
  else if ("f32s" in entry) parts.push(...array(6, entry.f32s.map(f32)));
  else parts.push(...array(5, entry.i32s.map(i32)));
  return Buffer.concat(parts);
}

function gguf(entries: readonly Entry[], tensors: readonly Tensor[]): Buffer {
  const padded = (size: number) => Math.ceil(size / ALIGNMENT) * ALIGNMENT;
  let offset = 0;
  const infos = tensors.map(({ name, dims, data }) => {
    const info = Buffer.concat([text(name), u32(dims.length), ...dims.map(u64), u32(0), u64(offset)]);
    offset += padded(data.length);
    return info;
  });
  const head = Buffer.concat([
    Buffer.from("GGUF"),
    u32(3),
    u64(tensors.length),
    u64(entries.length),
    ...entries.map(encode),
    ...infos,
  ]);
  const bodies = tensors.map(({ data }) => Buffer.concat([data, Buffer.alloc(padded(data.length) - data.length)]));
  return Buffer.concat([head, Buffer.alloc(padded(head.length) - head.length), ...bodies]);
}

/**
 * Rewrites a llama2.c checkpoint (7 int32, then float32 weights) and its tokenizer as a GGUF file. Both rotate
 * neighbouring pairs, so nothing is permuted.
 */
export function ggufFromLlama2c(weights: Buffer, tokenizer: Buffer): Buffer {
  const [dim, hidden, layers, heads, kvHeads, vocabulary, context] = Array.from({ length: 7 }, (_, i) =>
    weights.readInt32LE(4 * i),
  ) as [number, number, number, number, number, number, number];
  const kvDim = (dim / heads) * kvHeads;
  let at = 28;
  const take = (...dims: number[]) => {
    const bytes = 4 * dims.reduce((a, b) => a * b, 1);
    at += bytes;
    return { dims, data: weights.subarray(at - bytes, at) };
  };
  const perLayer = (name: string, ...dims: number[]) =>
    Array.from({ length: layers }, (_, i) => ({ name: `blk.${i}.${name}.weight`, ...take(...dims) }));
  const tensors: Tensor[] = [
    { name: "token_embd.weight", ...take(dim, vocabulary) },
    ...perLayer("attn_norm", dim),
    ...perLayer("attn_q", dim, dim),
    ...perLayer("attn_k", dim, kvDim),
    ...perLayer("attn_v", dim, kvDim),
    ...perLayer("attn_output", dim, dim),
    ...perLayer("ffn_norm", dim),
    ...perLayer("ffn_gate", dim, hidden),
    ...perLayer("ffn_down", hidden, dim),
    ...perLayer("ffn_up", dim, hidden),
    { name: "output_norm.weight", ...take(dim) },
  ];

  const pieces: string[] = [];
  const scores: number[] = [];
  for (let p = 4; p < tokenizer.length;) {
    scores.push(tokenizer.readFloatLE(p));
    const length = tokenizer.readInt32LE(p + 4);
    pieces.push(tokenizer.toString("utf8", p + 8, p + 8 + length).replaceAll(" ", "▁"));
    p += 8 + length;
  }
  const kinds = pieces.map((_, id) => (id === 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1)); // unknown, control, byte, normal
  const tokens = pieces.map((piece, id) => ["<unk>", "<s>", "</s>"][id] ?? piece);
  return gguf(
    [
      { key: "general.architecture", text: "llama" },
      { key: "general.name", text: "stories260k" },
      { key: "llama.context_length", u32: context },
      { key: "llama.embedding_length", u32: dim },
      { key: "llama.block_count", u32: layers },
      { key: "llama.feed_forward_length", u32: hidden },
      { key: "llama.attention.head_count", u32: heads },
      { key: "llama.attention.head_count_kv", u32: kvHeads },
      { key: "llama.rope.dimension_count", u32: dim / heads },
      { key: "llama.attention.layer_norm_rms_epsilon", f32: 1e-5 },
      { key: "tokenizer.ggml.model", text: "llama" },
      { key: "tokenizer.ggml.tokens", texts: tokens },
      { key: "tokenizer.ggml.scores", f32s: scores },
      { key: "tokenizer.ggml.token_type", i32s: kinds },
      { key: "tokenizer.ggml.bos_token_id", u32: 1 },
      { key: "tokenizer.ggml.eos_token_id", u32: 2 },
      { key: "tokenizer.ggml.unknown_token_id", u32: 0 },
    ],
    tensors,
  );
}
