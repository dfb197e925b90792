/** Instructions as bytes. */
export type Code = readonly number[];

const leb = (value: number): number[] => {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
};

const simd = (opcode: number, ...operands: number[]): number[] => [0xfd, ...leb(opcode), ...operands];

/** The WebAssembly instructions that our kernels use, by their standard names. */
export const op = {
  get: (local: number): Code => [0x20, ...leb(local)],
  set: (local: number): Code => [0x21, ...leb(local)],
  tee: (local: number): Code => [0x22, ...leb(local)],
  i32Const: (value: number): Code => [0x41, value & 0x7f],
  i32Add: [0x6a],
  i32LessUnsigned: [0x49],
  f64Add: [0xa0],
  load: simd(0x00, 4, 0),
  store: simd(0x0b, 4, 0),
  splat: simd(0x13),
  extractF64: (lane: 0 | 1): Code => simd(0x21, lane),
  /** The two lower float32 lanes as float64. */
  promoteLow: simd(0x5f),
  /** Upper half of the first operand moved to the lower half. */
  upperHalf: simd(0x0d, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7),
  f32x4Add: simd(0xe4),
  f32x4Sub: simd(0xe5),
  f32x4Mul: simd(0xe6),
  f32x4Div: simd(0xe7),
  f32x4Sqrt: simd(0xe3),
  f64x2Add: simd(0xf0),
  /** Repeats `body` while its condition, left on the stack, holds. */
  repeatWhile: (body: Code, condition: Code): Code => [0x03, 0x40, ...body, ...condition, 0x0d, 0, 0x0b],
} as const;

export const TYPE = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
type ValueType = (typeof TYPE)[keyof typeof TYPE];

/** A function over the imported memory. Locals are numbered after the parameters. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

const vector = (items: readonly (readonly number[])[]): number[] => [...leb(items.length), ...items.flat()];
const section = (id: number, content: readonly number[]): number[] => [id, ...leb(content.length), ...content];
const text = (value: string): number[] => vector([...new TextEncoder().encode(value)].map((byte) => [byte]));

/** A module that imports the memory `env.memory` and exports `functions` by name. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters, results }) => [
    0x60,
    ...vector(parameters.map((t) => [t])),
    ...vector(results.map((t) => [t])),
  ]);
  const bodies = functions.map(({ locals, body }) => {
    const content = [...vector(locals.map((t) => [1, t])), ...body, 0x0b];
    return [...leb(content.length), ...content];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(2, vector([[...text("env"), ...text("memory"), 0x02, 0x00, 0x00]])),
    ...section(3, vector(functions.map((_, i) => leb(i)))),
    ...section(7, vector(functions.map(({ name }, i) => [...text(name), 0x00, ...leb(i)]))),
    ...section(10, vector(bodies)),
  ]);
}
