import { readFileSync } from "node:fs";
import {
  applyRotary,
  attention,
  blockMask,
  causalMask,
  cast,
  conv,
  convTranspose,
  crossEntropy,
  equal,
  gather,
  gatherElements,
  gelu,
  gradients,
  Graph,
  l1Loss,
  layerNormalization,
  logSoftmax,
  mseLoss,
  mul,
  reduceSum,
  reshape,
  resizeImage,
  rmsNorm,
  rotaryTables,
  scatterElementsAdd,
  scatterNdAdd,
  silu,
  softmax,
  transpose,
  where,
  add,
  type HostArray,
  type ResizeOptions,
  type Tensor,
} from "@pixelvla/core";
import { expect, test } from "vitest";
import { onnxruntimeHere, tfjsHere } from "./run-here.ts";
import { readGolden, relativeError } from "./safetensors-file.ts";

const folder = new URL("../../core/test/golden/", import.meta.url);
const golden = readGolden(new URL("operators.safetensors", folder));
const { cases } = JSON.parse(readFileSync(new URL("operators.json", folder), "utf8")) as {
  cases: Record<string, { attributes: Record<string, never>; inputs: string[]; gradients: string[] }>;
};

/** Inputs by the golden's names, and the parameter of a layer that owns one of them. */
type Inputs = Readonly<Record<string, Tensor>>;
type Attributes = { readonly [name: string]: number | undefined; readonly size?: never };
type Build = (t: Inputs, g: Graph, attributes: Attributes) => Tensor;

const toRows = (x: Tensor) => transpose(x, [0, 2, 3, 1]);
const toColumns = (x: Tensor) => transpose(x, [0, 3, 1, 2]);
const layerNorm: Build = ({ x, weight, bias }, _, { eps }) => layerNormalization(x!, weight!, bias, eps!);
const convolution: Build = ({ x, weight, bias }, _, { stride = 1, padding = 0, dilation = 1, groups = 1 }) =>
  conv(x!, weight!, bias, {
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
    dilations: [dilation, dilation],
    group: groups,
  });
const resize =
  (options: ResizeOptions): Build =>
  ({ x }, _, attributes) => {
    const [height, width] = (attributes as unknown as { size: [number, number] }).size;
    return toColumns(resizeImage(toRows(x!), height, width, options));
  };
const masked: Build = ({ q, k, v, mask }) => {
  const additive = where(equal(mask!, 1), 0, -1e9);
  return attention(q!, k!, v!, { mask: additive });
};

/** Our form of every golden case. */
const builders: Readonly<Record<string, Build>> = {
  "gelu-erf": ({ x }) => gelu(x!),
  "gelu-tanh": ({ x }) => gelu(x!, "tanh"),
  silu: ({ x }) => silu(x!),
  "layer-scale": ({ x, gamma }) => mul(x!, gamma!),
  "layer-norm": layerNorm,
  "layer-norm-offset": layerNorm,
  "layer-norm-2d": (t, g, attributes) => toColumns(layerNorm({ ...t, x: toRows(t["x"]!) }, g, attributes)),
  "rms-norm": ({ x }, g, { eps }) => rmsNorm(g, x!, "norm", { epsilon: eps! }),
  "rms-norm-gemma": ({ x }, g, { eps }) => rmsNorm(g, x!, "norm", { epsilon: eps!, style: "gemma" }),
  softmax: ({ x }) => softmax(x!),
  "softmax-axis1": ({ x }) => softmax(x!, 1),
  "log-softmax": ({ x }) => logSoftmax(x!),
  "cross-entropy": ({ x, labels }) => crossEntropy(x!, labels!),
  "l1-loss": ({ x, target }) => l1Loss(x!, target!),
  "mse-loss": ({ x, target }) => mseLoss(x!, target!),
  "conv2d-patch": convolution,
  "conv2d-stride-pad": convolution,
  "conv2d-groups": convolution,
  "conv2d-depthwise": convolution,
  "conv2d-dilated": convolution,
  "conv2d-1x1": convolution,
  "conv-transpose2d": ({ x, weight, bias }, _, { stride }) =>
    convTranspose(x!, weight!, bias, { strides: [stride!, stride!] }),
  patchify: ({ x }) => reshape(transpose(reshape(x!, [1, 2, 3, 3, 3, 3]), [0, 1, 3, 2, 4, 5]), [1, 6, 27]),
  "resize-bilinear-up": resize({ kernel: "bilinear" }),
  "resize-bilinear-down": resize({ kernel: "bilinear" }),
  "resize-bilinear-down-antialias": resize({ kernel: "bilinear", antialias: true }),
  "resize-bicubic-up": resize({ kernel: "bicubic" }),
  "resize-bicubic-down": resize({ kernel: "bicubic" }),
  "resize-bicubic-down-antialias": resize({ kernel: "bicubic", antialias: true }),
  "resize-area-divisible": resize({ kernel: "area" }),
  "resize-nearest": resize({ kernel: "nearest" }),
  "gather-rows": ({ table, index }) => gather(table!, index!),
  "gather-elements": ({ x, index }) => gatherElements(x!, index!, 1),
  "scatter-add": ({ x, index, source }) => scatterElementsAdd(x!, index!, source!, 1),
  "index-add": ({ x, index, source }) => scatterNdAdd(x!, reshape(index!, [4, 1]), source!),
  "rope-half-split": ({ x }, g) => applyRotary(x!, rotaryTables(g, 8, 6)),
  "rope-positions": ({ x, positions }, g) =>
    applyRotary(x!, rotaryTables(g, 8, 20, { positions: reshape(positions!, [1, 6]) })),
  "attention-full": masked,
  "attention-causal": ({ q, k, v, mask }, g) =>
    attention(q!, k!, v!, { mask: add(causalMask(g, 5), mul(cast(mask!, "float32"), 0)) }),
  "attention-prefix": masked,
  "attention-block-causal": masked,
  "attention-padding": ({ q, k, v, padding }, g) => {
    const positions = [0, 1, 2, 3, 4];
    return attention(q!, k!, v!, { mask: blockMask(g, positions, positions, cast(padding!, "bool")) });
  },
  "attention-grouped": ({ q, k, v }) => attention(q!, k!, v!),
};

/** Golden cases of operations that core does not offer, and why. */
const NOT_OFFERED: Readonly<Record<string, string>> = {
  "max-pool2d": "no model of ours pools by maximum",
  "avg-pool2d": "area resizing does it",
  "avg-pool2d-pad": "no model of ours pads and averages",
  "resize-bilinear-corners": "no model of ours aligns corners",
  "resize-area": "PyTorch counts every touched cell fully; ours weighs cells by their covered area",
  "grid-sample-zeros": "no model of ours samples at free positions",
  "grid-sample-border": "no model of ours samples at free positions",
};

test("every golden case is tested or listed as not offered", () => {
  expect([...Object.keys(builders), ...Object.keys(NOT_OFFERED)].sort()).toEqual(Object.keys(cases).sort());
});

test.each(Object.keys(builders))("%s and its gradients agree with PyTorch on both engines", async (name) => {
  const { attributes, inputs, gradients: differentiated } = cases[name]!;
  const g = new Graph();
  const feeds: Record<string, HostArray> = {};
  const tensors: Record<string, Tensor> = {};
  for (const input of inputs) {
    const { shape, data } = golden.get(`${name}.input.${input}`)!;
    const owned = name.startsWith("rms-norm") && input === "weight";
    if (owned) continue;
    const dtype = data instanceof Float32Array ? "float32" : "int64";
    feeds[input] = dtype === "int64" ? BigInt64Array.from(data, (v) => BigInt(v)) : data;
    tensors[input] = g.input(input, dtype, shape);
  }
  const y = builders[name]!(tensors, g, attributes);
  const values = new Map<string, Float32Array>();
  for (const parameter of g.parameters.values()) {
    tensors["weight"] = parameter.tensor;
    values.set(parameter.name, golden.get(`${name}.input.weight`)!.data as Float32Array);
  }
  const cotangent = golden.get(`${name}.cotangent`)!;
  const weights = g.constant("float32", y.shape, cotangent.data);
  const found = gradients(
    reduceSum(mul(y, weights)),
    differentiated.map((input) => tensors[input]!),
  );
  const outputs = { y, ...Object.fromEntries(differentiated.map((input, i) => [`d.${input}`, found[i]!])) };
  for (const compile of [onnxruntimeHere, tfjsHere]) {
    const runner = await compile(g, outputs, { values });
    const results = await runner.run(feeds);
    await runner.dispose();
    expect(relativeError(results["y"] as Float32Array, golden.get(`${name}.output`)!.data)).toBeLessThan(1e-4);
    for (const input of differentiated) {
      const error = relativeError(results[`d.${input}`] as Float32Array, golden.get(`${name}.grad.${input}`)!.data);
      expect(error, `gradient of ${input}`).toBeLessThan(1e-4);
    }
  }
});
