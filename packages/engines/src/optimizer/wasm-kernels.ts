import type { FlatKernels } from "./flat-kernels.ts";
import { webAssembly, type WasmMemory } from "./web-assembly.ts";
import { assemble, op, TYPE, type Code, type WasmFunction } from "./wasm-assembler.ts";

const { get, set } = op;
const STEP = 16; // bytes of four float32

const loadAt = (pointer: number): Code => [...get(pointer), ...op.load];
const advance = (pointer: number): Code => [...get(pointer), ...op.i32Const(STEP), ...op.i32Add, ...set(pointer)];
const below = (pointer: number, end: number): Code => [...get(pointer), ...get(end), ...op.i32LessUnsigned];
const spread = (scalar: number, into: number): Code => [...get(scalar), ...op.splat, ...set(into)];

/** (target, targetEnd, source): target += source. */
const accumulate: WasmFunction = {
  name: "accumulate",
  parameters: [TYPE.i32, TYPE.i32, TYPE.i32],
  results: [],
  locals: [],
  body: op.repeatWhile(
    [...get(0), ...loadAt(0), ...loadAt(2), ...op.f32x4Add, ...op.store, ...advance(0), ...advance(2)],
    below(0, 1),
  ),
};

/** (values, end) -> sum of squares, added up in float64. */
const sumSquares: WasmFunction = {
  name: "sumSquares",
  parameters: [TYPE.i32, TYPE.i32],
  results: [TYPE.f64],
  locals: [TYPE.v128, TYPE.v128],
  body: [
    ...op.repeatWhile(
      [
        ...loadAt(0),
        ...[...op.tee(2), ...get(2), ...op.f32x4Mul, ...op.tee(2), ...op.promoteLow],
        ...[...get(2), ...get(2), ...op.upperHalf, ...op.promoteLow, ...op.f64x2Add],
        ...[...get(3), ...op.f64x2Add, ...set(3)],
        ...advance(0),
      ],
      below(0, 1),
    ),
    ...[...get(3), ...op.extractF64(0), ...get(3), ...op.extractF64(1), ...op.f64Add],
  ],
};

/** (average, averageEnd, values, decay, 1 - decay). */
const follow: WasmFunction = {
  name: "follow",
  parameters: [TYPE.i32, TYPE.i32, TYPE.i32, TYPE.f32, TYPE.f32],
  results: [],
  locals: [TYPE.v128, TYPE.v128],
  body: [
    ...spread(3, 5),
    ...spread(4, 6),
    ...op.repeatWhile(
      [
        ...get(0),
        ...[...loadAt(0), ...get(5), ...op.f32x4Mul, ...loadAt(2), ...get(6), ...op.f32x4Mul, ...op.f32x4Add],
        ...op.store,
        ...advance(0),
        ...advance(2),
      ],
      below(0, 1),
    ),
  ],
};

/** (parameters, parametersEnd, gradients, first, second, then nine float32 constants, see the call below). */
const adamW: WasmFunction = {
  name: "adamW",
  parameters: [...Array.from({ length: 5 }, () => TYPE.i32), ...Array.from({ length: 9 }, () => TYPE.f32)],
  results: [],
  locals: Array.from({ length: 12 }, () => TYPE.v128), // 14..22 constants, 23 gradient, 24 first, 25 second
  body: [
    ...Array.from({ length: 9 }, (_, i) => spread(5 + i, 14 + i)).flat(),
    ...op.repeatWhile(
      [
        ...[...loadAt(2), ...get(14), ...op.f32x4Mul, ...set(23)],
        ...[...get(3), ...loadAt(3), ...get(15), ...op.f32x4Mul, ...get(23), ...get(16), ...op.f32x4Mul],
        ...[...op.f32x4Add, ...op.tee(24), ...op.store],
        ...[...get(4), ...loadAt(4), ...get(17), ...op.f32x4Mul],
        ...[...get(23), ...get(23), ...op.f32x4Mul, ...get(18), ...op.f32x4Mul],
        ...[...op.f32x4Add, ...op.tee(25), ...op.store],
        ...[...get(0), ...loadAt(0), ...get(19), ...op.f32x4Mul, ...get(24), ...get(20), ...op.f32x4Mul],
        ...[...get(25), ...op.f32x4Sqrt, ...get(21), ...op.f32x4Mul, ...get(22), ...op.f32x4Add],
        ...[...op.f32x4Div, ...op.f32x4Sub, ...op.store],
        ...[0, 2, 3, 4].flatMap(advance),
      ],
      below(0, 1),
    ),
  ],
};

interface Exports {
  accumulate(target: number, targetEnd: number, source: number): void;
  sumSquares(values: number, end: number): number;
  follow(average: number, averageEnd: number, values: number, decay: number, rest: number): void;
  adamW(
    parameters: number,
    end: number,
    gradients: number,
    first: number,
    second: number,
    ...constants: number[]
  ): void;
}

/** The passes four elements at a time, for buffers that all lie in `memory`. Empty ranges are left alone. */
export function wasmKernels(memory: WasmMemory): FlatKernels {
  const module = new webAssembly.Module(assemble([accumulate, sumSquares, follow, adamW]));
  const run = new webAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
  const end = (values: Float32Array) => values.byteOffset + values.byteLength;
  return {
    accumulate(target, source) {
      if (target.length > 0) run.accumulate(target.byteOffset, end(target), source.byteOffset);
    },
    sumSquares: (values) => (values.length === 0 ? 0 : run.sumSquares(values.byteOffset, end(values))),
    follow(average, values, decay) {
      if (average.length > 0) run.follow(average.byteOffset, end(average), values.byteOffset, decay, 1 - decay);
    },
    adamW({ parameters, gradients, first, second }, from, to, c) {
      if (from === to) return;
      const at = (buffer: Float32Array, index: number) => buffer.byteOffset + 4 * index;
      const constants = [c.gradientScale, c.beta1, 1 - c.beta1, c.beta2, 1 - c.beta2, c.keep, c.stepSize];
      run.adamW(
        at(parameters, from),
        at(parameters, to),
        at(gradients, from),
        at(first, from),
        at(second, from),
        ...constants,
        c.correction2,
        c.epsilon,
      );
    },
  };
}
