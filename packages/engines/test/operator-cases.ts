import {
  abs,
  add,
  and,
  argMax,
  cast,
  concat,
  conv,
  convTranspose,
  cos,
  cumSum,
  dequantizeLinear,
  div,
  equal,
  erf,
  exp,
  expand,
  floor,
  gather,
  gatherElements,
  gatherNd,
  gelu,
  gemm,
  greater,
  greaterOrEqual,
  layerNormalization,
  less,
  lessOrEqual,
  log,
  logSoftmax,
  matmul,
  matmulNBits,
  max,
  min,
  mul,
  neg,
  not,
  or,
  pad,
  pow,
  reciprocal,
  reduceMax,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  scatterElementsAdd,
  scatterNdAdd,
  sigmoid,
  sign,
  sin,
  slice,
  softmax,
  softplus,
  sqrt,
  stopGradient,
  sub,
  tanh,
  topK,
  transpose,
  where,
  sizeOf,
  type DType,
  type Tensor,
  type TensorLike,
} from "@pixelvla/core";
import type { Draw, Values } from "./draw.ts";

/** One input of an operator under test. `float` becomes float64 or float32 as the engine allows. */
export interface CaseInput {
  readonly dtype: DType | "float";
  readonly shape: readonly number[];
  readonly values: Values;
  /** Checks the gradient of an input whose element type is fixed; `float` inputs are always checked. */
  readonly checked?: boolean;
}

/** One random application of an operator. */
export interface OperatorCase {
  readonly inputs: readonly CaseInput[];
  apply(tensors: readonly Tensor[]): readonly Tensor[];
}

const uniform = (low = -2, high = 2): Values => ({ kind: "uniform", low, high });
const integers = (low: number, high: number): Values => ({ kind: "integers", low, high });
const float = (shape: readonly number[], values: Values = uniform()): CaseInput => ({ dtype: "float", shape, values });
const int64 = (shape: readonly number[], low: number, high: number): CaseInput => ({
  dtype: "int64",
  shape,
  values: integers(low, high),
});
const bool = (shape: readonly number[]): CaseInput => ({ dtype: "bool", shape, values: integers(0, 2) });
const uint8 = (shape: readonly number[]): CaseInput => ({ dtype: "uint8", shape, values: integers(0, 256) });

type Make = (draw: Draw) => OperatorCase;

const unary =
  (apply: (x: Tensor) => Tensor, values: Values = uniform()): Make =>
  (draw) => ({ inputs: [float(draw.shape(0, 4), values)], apply: ([x]) => [apply(x!)] });

const binary =
  (apply: (a: TensorLike, b: TensorLike) => Tensor, a: Values = uniform(), b: Values = uniform()): Make =>
  (draw) => {
    const shape = draw.shape(0, 4);
    const shapes = draw.pick([
      [shape, draw.broadcastable(shape)],
      [draw.broadcastable(shape), shape],
    ]);
    return { inputs: [float(shapes[0]!, a), float(shapes[1]!, b)], apply: ([x, y]) => [apply(x!, y!)] };
  };

const logical =
  (apply: (a: TensorLike, b: TensorLike) => Tensor): Make =>
  (draw) => {
    const shape = draw.shape(0, 3);
    return { inputs: [bool(shape), bool(draw.broadcastable(shape))], apply: ([x, y]) => [apply(x!, y!)] };
  };

const reduction =
  (apply: (x: Tensor, axes?: readonly number[], keep?: boolean) => Tensor, values: Values = uniform()): Make =>
  (draw) => {
    const shape = draw.shape(1, 4);
    const [axes, keep] = [draw.axes(shape.length), draw.pick([true, false])];
    return { inputs: [float(shape, values)], apply: ([x]) => [apply(x!, axes, keep)] };
  };

const alongAxis =
  (apply: (x: Tensor, axis: number) => Tensor, values: Values = uniform()): Make =>
  (draw) => {
    const shape = draw.shape(1, 4);
    const axis = draw.int(0, shape.length - 1);
    return { inputs: [float(shape, values)], apply: ([x]) => [apply(x!, axis)] };
  };

/** Kinked at 0 and at ties: values keep their distance. */
const OFF_ZERO: Values = { kind: "grid", offset: 0.2 };
const ON_GRID: Values = { kind: "grid", offset: 0 };
const DISTINCT: Values = { kind: "distinct" };

/** A maker of random applications for every operator of core, by ONNX name. */
export const operatorCases: Readonly<Record<string, Make>> = {
  Abs: unary(abs, OFF_ZERO),
  Cos: unary(cos),
  Erf: unary(erf),
  Exp: unary(exp),
  Floor: unary(floor, OFF_ZERO),
  Identity: unary(stopGradient),
  Log: unary(log, uniform(0.4, 3)),
  Neg: unary(neg),
  Reciprocal: unary(reciprocal, uniform(0.5, 2)),
  Relu: unary(relu, OFF_ZERO),
  Sigmoid: unary(sigmoid),
  Sign: unary(sign, OFF_ZERO),
  Sin: unary(sin),
  Softplus: unary(softplus),
  Sqrt: unary(sqrt, uniform(0.4, 3)),
  Tanh: unary(tanh),
  Gelu: (draw) => {
    const approximate = draw.pick(["none", "tanh"] as const);
    return unary((x) => gelu(x, approximate))(draw);
  },
  Not: (draw) => ({ inputs: [bool(draw.shape(0, 3))], apply: ([x]) => [not(x!)] }),
  Cast: (draw) => {
    const shape = draw.shape(0, 3);
    return draw.pick<OperatorCase>([
      { inputs: [bool(shape)], apply: ([x]) => [cast(x!, "float32")] },
      { inputs: [int64(shape, -5, 5)], apply: ([x]) => [cast(x!, "float32")] },
      { inputs: [float(shape, OFF_ZERO)], apply: ([x]) => [cast(x!, "int64")] },
      { inputs: [float(shape)], apply: ([x]) => [cast(x!, x!.dtype === "float64" ? "float32" : "float64")] },
    ]);
  },

  Add: binary(add),
  Sub: binary(sub),
  Mul: binary(mul),
  Div: binary(div, uniform(), uniform(0.5, 2)),
  Max: binary(max, ON_GRID, OFF_ZERO),
  Min: binary(min, ON_GRID, OFF_ZERO),
  Pow: binary(pow, uniform(0.4, 2), uniform(-1.5, 1.5)),
  Equal: binary(equal, ON_GRID, ON_GRID),
  Greater: binary(greater, ON_GRID, ON_GRID),
  GreaterOrEqual: binary(greaterOrEqual, ON_GRID, ON_GRID),
  Less: binary(less, ON_GRID, ON_GRID),
  LessOrEqual: binary(lessOrEqual, ON_GRID, ON_GRID),
  And: logical(and),
  Or: logical(or),
  Where: (draw) => {
    const shape = draw.shape(0, 4);
    return {
      inputs: [bool(draw.broadcastable(shape)), float(shape), float(draw.broadcastable(shape))],
      apply: ([c, a, b]) => [where(c!, a!, b!)],
    };
  },

  ReduceMax: reduction(reduceMax, DISTINCT),
  ReduceMean: reduction(reduceMean),
  ReduceSum: reduction(reduceSum),
  ArgMax: alongAxis(argMax, DISTINCT),
  Softmax: alongAxis(softmax),
  LogSoftmax: alongAxis(logSoftmax),
  CumSum: (draw) => {
    const [exclusive, reverse] = [draw.pick([true, false]), draw.pick([true, false])];
    return alongAxis((x, axis) => cumSum(x, axis, { exclusive, reverse }))(draw);
  },
  TopK: (draw) => {
    const shape = draw.shape(1, 3);
    const axis = draw.int(0, shape.length - 1);
    const k = draw.int(1, shape[axis]!);
    return {
      inputs: [float(shape, DISTINCT)],
      apply: ([x]) => {
        const { values, indices } = topK(x!, k, axis);
        return [values, indices];
      },
    };
  },
  LayerNormalization: (draw) => {
    const shape = [...draw.shape(1, 3), draw.int(3, 6)];
    const width = shape.at(-1)!;
    const bias = draw.pick([true, false]);
    return {
      inputs: [float(shape), float([width]), ...(bias ? [float([width])] : [])],
      apply: ([x, scale, b]) => [layerNormalization(x!, scale!, b, 1e-2)],
    };
  },

  MatMul: (draw) => {
    const lead = draw.shape(0, 2);
    const [m, k, n] = [draw.int(1, 4), draw.int(1, 5), draw.int(1, 4)];
    return {
      inputs: [float([...draw.pick([lead, draw.broadcastable(lead)]), m, k]), float([...lead, k, n])],
      apply: ([a, b]) => [matmul(a!, b!)],
    };
  },
  Gemm: (draw) => {
    const [m, k, n, transA, transB] = [draw.int(1, 4), draw.int(1, 5), draw.int(1, 4), draw.int(0, 1), draw.int(0, 1)];
    const addend = draw.pick([undefined, [n], [m, n], [1, n], [m, 1]]);
    return {
      inputs: [
        float(transA === 1 ? [k, m] : [m, k]),
        float(transB === 1 ? [n, k] : [k, n]),
        ...(addend === undefined ? [] : [float(addend)]),
      ],
      apply: ([a, b, c]) => [gemm(a!, b!, c, transA, transB)],
    };
  },
  MatMulNBits: (draw) => {
    const [bits, blockSize, blocks, n] = [draw.pick([4, 8] as const), 16, draw.int(1, 2), draw.int(1, 4)];
    return {
      inputs: [
        { ...float([...draw.shape(1, 2), blocks * blockSize]), dtype: "float32", checked: true },
        uint8([n, blocks, (blockSize * bits) / 8]),
        { ...float([n, blocks], uniform(0.01, 0.1)), dtype: "float32" },
      ],
      apply: ([x, codes, scales]) => [matmulNBits(x!, codes!, scales!, { bits, blockSize, outputs: n })],
    };
  },
  DequantizeLinear: (draw) => {
    const blockSize = 16;
    const [n, length] = [draw.int(1, 3), draw.int(1, 2) * blockSize];
    const scales = [n, length / blockSize];
    const zeroPoint = draw.pick([true, false]);
    return {
      inputs: [
        uint8([n, length]),
        { ...float(scales, uniform(0.01, 0.1)), dtype: "float32" },
        ...(zeroPoint ? [uint8(scales)] : []),
      ],
      apply: ([q, scale, zero]) => [dequantizeLinear(q!, scale!, zero, 1, blockSize)],
    };
  },
  Conv: (draw) => {
    const group = draw.pick([1, 1, 2]);
    const [kh, kw] = [draw.int(1, 3), draw.int(1, 3)];
    const strides = [draw.int(1, 2), draw.int(1, 2)];
    const dilations = [draw.int(1, 2), draw.int(1, 2)];
    const pads = [draw.int(0, 1), draw.int(0, 1), draw.int(0, 1), draw.int(0, 1)];
    const outputs = group * draw.int(1, 2);
    const channels = draw.int(1, 2);
    const bias = draw.pick([true, false]);
    return {
      inputs: [
        float([draw.int(1, 2), group * channels, draw.int(5, 7), draw.int(5, 7)]),
        float([outputs, channels, kh, kw]),
        ...(bias ? [float([outputs])] : []),
      ],
      apply: ([x, w, b]) => [conv(x!, w!, b, { strides, pads, dilations, group })],
    };
  },
  ConvTranspose: (draw) => {
    const group = draw.pick([1, 1, 2]);
    const strides = [draw.int(1, 3), draw.int(1, 3)];
    const dilations = [draw.int(1, 2), draw.int(1, 2)];
    const pads = [draw.int(0, 1), draw.int(0, 1), draw.int(0, 1), draw.int(0, 1)];
    const outputPadding = strides.map((s) => draw.int(0, s - 1));
    const [channels, outputs] = [group * draw.int(1, 2), draw.int(1, 2)];
    const bias = draw.pick([true, false]);
    return {
      inputs: [
        float([draw.int(1, 2), channels, draw.int(2, 4), draw.int(2, 4)]),
        float([channels, outputs, draw.int(2, 3), draw.int(2, 3)]),
        ...(bias ? [float([outputs * group])] : []),
      ],
      apply: ([x, w, b]) => [convTranspose(x!, w!, b, { strides, pads, dilations, group, outputPadding })],
    };
  },

  Concat: (draw) => {
    const shape = draw.shape(1, 4);
    const axis = draw.int(0, shape.length - 1);
    const part = () => float(shape.map((dim, i) => (i === axis ? draw.int(1, 3) : dim)));
    return { inputs: [part(), part(), part()], apply: (tensors) => [concat(tensors, axis)] };
  },
  Expand: (draw) => {
    const shape = draw.shape(1, 4);
    return { inputs: [float(draw.broadcastable(shape))], apply: ([x]) => [expand(x!, [2, ...shape])] };
  },
  Reshape: (draw) => {
    const shape = draw.shape(1, 4);
    return { inputs: [float(shape)], apply: ([x]) => [reshape(x!, [1, sizeOf(shape)])] };
  },
  Transpose: (draw) => {
    const shape = draw.shape(2, 5);
    const perm = draw.permutation(shape.length);
    const changed = perm.every((p, i) => p === i) ? [...perm].reverse() : perm;
    return { inputs: [float(shape)], apply: ([x]) => [transpose(x!, changed)] };
  },
  Pad: (draw) => {
    const shape = draw.shape(1, 4);
    const padding = shape.map((): [number, number] => [draw.int(0, 2), draw.int(1, 2)]);
    return { inputs: [float(shape)], apply: ([x]) => [pad(x!, padding)] };
  },
  Slice: (draw) => {
    const shape = draw.shape(1, 4).map((dim) => dim + 2);
    const axis = draw.int(0, shape.length - 1);
    const start = draw.int(1, shape[axis]! - 1);
    const end = draw.int(start + 1, shape[axis]!);
    const step = draw.int(1, 3);
    return { inputs: [float(shape)], apply: ([x]) => [slice(x!, axis, start, end, step)] };
  },
  Gather: (draw) => {
    const shape = draw.shape(1, 3);
    const axis = draw.int(0, shape.length - 1);
    const dim = shape[axis]!;
    return {
      inputs: [float(shape), int64(draw.shape(0, 2), -dim, dim)],
      apply: ([x, indices]) => [gather(x!, indices!, axis)],
    };
  },
  GatherElements: (draw) => {
    const shape = draw.shape(1, 3);
    const axis = draw.int(0, shape.length - 1);
    const indices = shape.map((dim, i) => (i === axis ? draw.int(1, 4) : draw.int(1, dim)));
    return {
      inputs: [float(shape), int64(indices, 0, shape[axis]!)],
      apply: ([x, at]) => [gatherElements(x!, at!, axis)],
    };
  },
  GatherND: (draw) => {
    const shape = [3, 3, draw.int(1, 3)];
    const depth = draw.int(1, 3);
    const limit = Math.min(...shape.slice(0, depth));
    return {
      inputs: [float(shape), int64([...draw.shape(1, 2), depth], 0, limit)],
      apply: ([x, at]) => [gatherNd(x!, at!)],
    };
  },
  ScatterElements: (draw) => {
    const shape = draw.shape(1, 3);
    const axis = draw.int(0, shape.length - 1);
    const indices = shape.map((dim, i) => (i === axis ? draw.int(1, 4) : draw.int(1, dim)));
    return {
      inputs: [float(shape), int64(indices, 0, shape[axis]!), float(indices)],
      apply: ([x, at, updates]) => [scatterElementsAdd(x!, at!, updates!, axis)],
    };
  },
  ScatterND: (draw) => {
    const shape = [3, 3, draw.int(1, 3)];
    const depth = draw.int(1, 3);
    const limit = Math.min(...shape.slice(0, depth));
    const lead = draw.shape(1, 2);
    return {
      inputs: [float(shape), int64([...lead, depth], 0, limit), float([...lead, ...shape.slice(depth)])],
      apply: ([x, at, updates]) => [scatterNdAdd(x!, at!, updates!)],
    };
  },
};
