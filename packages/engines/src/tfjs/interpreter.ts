import { tensor, tidy, type Tensor } from "@tensorflow/tfjs-core";
import { sizeOf, type HostArray, type TensorType } from "@pixelvla/core";
import { runFailed } from "../errors.ts";
import { tfjsKernels } from "./all-kernels.ts";
import { fromTfjsArray, tfjsDtype, toTfjsArray } from "./tfjs-dtype.ts";
import type { WireNode, WireProgram } from "./wire-program.ts";

/** Runs a program node by node on the current tfjs backend. Constants stay on the device; the rest is freed as it goes. */
export class Interpreter {
  readonly #program: WireProgram;
  readonly #constants = new Map<number, Tensor>();

  constructor(program: WireProgram) {
    this.#program = program;
    for (const { id, data, ...type } of program.constants) this.#constants.set(id, upload(type, data));
  }

  /** @throws PVLA_ENGINE_RUN naming the node that failed */
  async run(feeds: Readonly<Record<string, HostArray>>): Promise<Record<string, HostArray>> {
    const live = new Map<number, Tensor>();
    try {
      for (const { id, name, ...type } of this.#program.inputs) live.set(id, upload(type, feeds[name]!));
      for (const node of this.#program.nodes) this.#apply(node, live);
      const outputs: Record<string, HostArray> = {};
      for (const { id, name, dtype } of this.#program.outputs) {
        outputs[name] = fromTfjsArray(dtype, await (live.get(id) ?? this.#constants.get(id)!).data());
      }
      return outputs;
    } finally {
      for (const t of live.values()) t.dispose();
    }
  }

  #apply(node: WireNode, live: Map<number, Tensor>): void {
    const inputs = node.inputs.map((id) => (id === undefined ? undefined : (live.get(id) ?? this.#constants.get(id))));
    try {
      const { inputTypes, outputTypes, attributes } = node;
      const results = tidy(() => {
        const result = tfjsKernels.get(node.operator)!.run({ inputs, inputTypes, outputTypes, attributes });
        return Array.isArray(result) ? (result as Tensor[]) : [result as Tensor];
      });
      node.outputs.forEach((id, i) => {
        // A kernel may hand back its own input; each entry of `live` must be free to go by itself.
        live.set(id, inputs.includes(results[i]) ? results[i]!.clone() : results[i]!);
      });
    } catch (error) {
      const types = node.inputTypes.map((t) => (t === undefined ? "none" : `${t.dtype}[${t.shape.join(", ")}]`));
      throw runFailed(`${node.operator}(${types.join(", ")}) in "${node.scope}" failed: ${String(error)}`, error);
    }
    for (const id of node.lastUseOf) {
      live.get(id)?.dispose();
      live.delete(id);
    }
  }

  dispose(): void {
    for (const t of this.#constants.values()) t.dispose();
  }
}

function upload({ dtype, shape }: TensorType, data: HostArray): Tensor {
  return tensor(toTfjsArray(dtype, data, sizeOf(shape)), [...shape], tfjsDtype(dtype));
}
