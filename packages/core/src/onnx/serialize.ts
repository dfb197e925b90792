import type { DType, HostArray } from "../graph/dtype.ts";
import type { GraphNode } from "../graph/node.ts";
import type { AttributeKind, AttributeValue } from "../graph/operator.ts";
import type { FileRegion, Parameter } from "../graph/parameter.ts";
import type { Shape } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { ONNX_DATA_TYPE } from "../ops/cast.ts";
import type { Program } from "../program/program.ts";
import {
  wireWriter,
  writeBytes,
  writeFloat,
  writeInt,
  writeMessage,
  writePackedInts,
  writeString,
  type WireWriter,
} from "./protobuf.ts";

/** ONNX operator set the models declare. */
export const ONNX_OPSET = 21;
const IR_VERSION = 10;

export interface OnnxOptions {
  /**
   * How a parameter enters the model: `"input"` (fed at every run: trainable ones), raw values of its element type
   * (embedded), or a region of a file (referenced in place; `location` is the path relative to the model file).
   */
  readonly placement: (parameter: Parameter) => "input" | HostArray | (FileRegion & { readonly location: string });
}

export interface OnnxModel {
  readonly bytes: Uint8Array;
  /** Model inputs in order: the program's inputs, then the parameters placed as inputs. */
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
}

// Field numbers of onnx.proto.
const MODEL = { irVersion: 1, producer: 2, producerVersion: 3, graph: 7, opset: 8 } as const;
const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12 } as const;
const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 } as const;
const TENSOR = { dims: 1, dataType: 2, name: 8, rawData: 9, externalData: 13, dataLocation: 14 } as const;
const ATTRIBUTE = { name: 1, f: 2, i: 3, s: 4, floats: 7, ints: 8, type: 20 } as const;
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const;

/** Serialises a program as an ONNX model. Weights placed in files are referenced, never read. */
export function toOnnx(program: Program, options: OnnxOptions): OnnxModel {
  const writer = wireWriter();
  const inputNames = [...program.inputs.keys()];
  const names = new Map<Tensor, string>();
  for (const [name, tensor] of program.inputs) names.set(tensor, name);
  for (const { name, tensor } of program.parameters) names.set(tensor, name);
  program.constants.forEach((tensor, i) => names.set(tensor, `constant.${i}`));
  const outputNameOf = new Map<Tensor, string>();
  for (const [name, tensor] of program.outputs)
    if (!outputNameOf.has(tensor) && tensor.origin.kind === "node" && !names.has(tensor))
      outputNameOf.set(tensor, name);
  for (const node of program.nodes) {
    node.outputs.forEach((t, i) => names.set(t, outputNameOf.get(t) ?? `v${node.index}.${i}`));
  }

  writeInt(writer, MODEL.irVersion, IR_VERSION);
  writeString(writer, MODEL.producer, "pixelvla");
  writeMessage(writer, MODEL.graph, (graph) => {
    const constantInputs = new ConstantPool();
    const casts: { from: string; parameter: Parameter }[] = [];
    const parameterInputs: Parameter[] = [];
    for (const parameter of program.parameters) {
      const placed = options.placement(parameter);
      if (placed === "input") {
        parameterInputs.push(parameter);
      } else if ("kind" in placed) {
        const stored = placed.dtype === parameter.tensor.dtype ? parameter.name : `${parameter.name}.stored`;
        writeExternalTensor(graph, stored, parameter.tensor.shape, placed);
        if (stored !== parameter.name) casts.push({ from: stored, parameter });
      } else {
        writeRawTensor(graph, parameter.name, parameter.tensor.dtype, parameter.tensor.shape, placed);
      }
    }
    for (const tensor of program.constants) {
      if (tensor.origin.kind === "constant")
        writeRawTensor(graph, names.get(tensor)!, tensor.dtype, tensor.shape, tensor.origin.data);
    }
    for (const { from, parameter } of casts) {
      writeMessage(graph, GRAPH.node, (node) => {
        writeString(node, NODE.input, from);
        writeString(node, NODE.output, parameter.name);
        writeString(node, NODE.opType, "Cast");
        writeAttribute(node, "to", "int", ONNX_DATA_TYPE[parameter.tensor.dtype]);
      });
    }
    for (const node of program.nodes) writeNode(graph, node, names, constantInputs);
    // Outputs that are no node's own result under that name: inputs passed through, or one tensor under two names.
    for (const [name, tensor] of program.outputs) {
      if (names.get(tensor) === name) continue;
      writeMessage(graph, GRAPH.node, (node) => {
        writeString(node, NODE.input, names.get(tensor)!);
        writeString(node, NODE.output, name);
        writeString(node, NODE.opType, "Identity");
      });
    }
    constantInputs.write(graph);
    writeString(graph, GRAPH.name, "pixelvla");
    for (const [name, tensor] of program.inputs) writeValueInfo(graph, GRAPH.input, name, tensor);
    for (const parameter of parameterInputs) {
      writeValueInfo(graph, GRAPH.input, parameter.name, parameter.tensor);
      inputNames.push(parameter.name);
    }
    for (const [name, tensor] of program.outputs) writeValueInfo(graph, GRAPH.output, name, tensor);
  });
  for (const [domain, version] of [
    ["", ONNX_OPSET],
    ["com.microsoft", 1],
  ] as const) {
    writeMessage(writer, MODEL.opset, (opset) => {
      writeString(opset, 1, domain);
      writeInt(opset, 2, version);
    });
  }
  return { bytes: writer.finish(), inputNames, outputNames: [...program.outputs.keys()] };
}

/** Shape-like constant inputs, shared between nodes that need the same values. */
class ConstantPool {
  readonly #entries = new Map<string, { name: string; dtype: DType; shape: Shape; data: HostArray }>();

  name(constant: { dtype: DType; shape: Shape; data: HostArray }): string {
    const key = `${constant.dtype}:${constant.shape.join(",")}:${constant.data.join(",")}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { name: `shape.${this.#entries.size}`, ...constant };
      this.#entries.set(key, entry);
    }
    return entry.name;
  }

  write(graph: WireWriter): void {
    for (const { name, dtype, shape, data } of this.#entries.values()) writeRawTensor(graph, name, dtype, shape, data);
  }
}

function writeNode(
  graph: WireWriter,
  node: GraphNode,
  names: ReadonlyMap<Tensor, string>,
  constants: ConstantPool,
): void {
  const { operator, attributes } = node;
  writeMessage(graph, GRAPH.node, (writer) => {
    for (const input of node.inputs) writeString(writer, NODE.input, input === undefined ? "" : names.get(input)!);
    for (const constant of operator.constantInputs?.(attributes, node.inputs) ?? []) {
      writeString(writer, NODE.input, constant === undefined ? "" : constants.name(constant));
    }
    for (const output of node.outputs) writeString(writer, NODE.output, names.get(output)!);
    writeString(writer, NODE.name, node.scope === "" ? `${node.index}` : `${node.scope}/${node.index}`);
    writeString(writer, NODE.opType, operator.name);
    for (const [name, kind] of Object.entries(operator.attributes)) {
      const value = attributes[name];
      if (kind !== "none" && value !== undefined) writeAttribute(writer, name, kind, value);
    }
    if (operator.domain !== undefined && operator.domain !== "") writeString(writer, NODE.domain, operator.domain);
  });
}

function writeAttribute(
  node: WireWriter,
  name: string,
  kind: Exclude<AttributeKind, "none">,
  value: AttributeValue,
): void {
  writeMessage(node, NODE.attribute, (writer) => {
    writeString(writer, ATTRIBUTE.name, name);
    switch (kind) {
      case "int":
        writeInt(writer, ATTRIBUTE.i, Number(value));
        break;
      case "float":
        writeFloat(writer, ATTRIBUTE.f, Number(value));
        break;
      case "string":
        writeBytes(writer, ATTRIBUTE.s, new TextEncoder().encode(String(value)));
        break;
      case "ints":
        writePackedInts(writer, ATTRIBUTE.ints, value as readonly number[]);
        break;
      case "floats":
        for (const v of value as readonly number[]) writeFloat(writer, ATTRIBUTE.floats, v);
        break;
    }
    writeInt(writer, ATTRIBUTE.type, ATTRIBUTE_TYPE[kind]);
  });
}

function writeRawTensor(graph: WireWriter, name: string, dtype: DType, shape: Shape, data: HostArray): void {
  writeMessage(graph, GRAPH.initializer, (tensor) => {
    writePackedInts(tensor, TENSOR.dims, shape);
    writeInt(tensor, TENSOR.dataType, ONNX_DATA_TYPE[dtype]);
    writeString(tensor, TENSOR.name, name);
    writeBytes(tensor, TENSOR.rawData, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  });
}

function writeExternalTensor(
  graph: WireWriter,
  name: string,
  shape: Shape,
  region: FileRegion & { location: string },
): void {
  writeMessage(graph, GRAPH.initializer, (tensor) => {
    writePackedInts(tensor, TENSOR.dims, shape);
    writeInt(tensor, TENSOR.dataType, ONNX_DATA_TYPE[region.dtype]);
    writeString(tensor, TENSOR.name, name);
    for (const [key, value] of [
      ["location", region.location],
      ["offset", region.offset],
      ["length", region.byteLength],
    ] as const) {
      writeMessage(tensor, TENSOR.externalData, (entry) => {
        writeString(entry, 1, key);
        writeString(entry, 2, String(value));
      });
    }
    writeInt(tensor, TENSOR.dataLocation, 1); // EXTERNAL
  });
}

function writeValueInfo(graph: WireWriter, field: number, name: string, { dtype, shape }: Tensor): void {
  writeMessage(graph, field, (info) => {
    writeString(info, 1, name);
    writeMessage(info, 2, (type) => {
      writeMessage(type, 1, (tensorType) => {
        writeInt(tensorType, 1, ONNX_DATA_TYPE[dtype]);
        writeMessage(tensorType, 2, (shapeMessage) => {
          for (const dim of shape) writeMessage(shapeMessage, 1, (dimension) => writeInt(dimension, 1, dim));
        });
      });
    });
  });
}
