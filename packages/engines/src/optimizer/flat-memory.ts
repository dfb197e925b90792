import { scalarKernels, type FlatKernels } from "./flat-kernels.ts";
import { wasmKernels } from "./wasm-kernels.ts";
import { webAssembly } from "./web-assembly.ts";

const PAGE = 65536;
const MAX_PAGES = 65536;

/** Equally long flat float32 buffers and the kernels that work on them. */
export interface FlatMemory {
  readonly buffers: readonly Float32Array[];
  readonly kernels: FlatKernels;
}

/**
 * `count` zeroed buffers of `length` elements (a multiple of 16) in one WebAssembly memory, or in plain arrays where they
 * exceed its 4 GiB. The memory is not shared, so onnxruntime reads and writes it in place.
 */
export function flatMemory(length: number, count: number, maxPages = MAX_PAGES): FlatMemory {
  const pages = Math.ceil((length * 4 * count) / PAGE);
  if (pages > maxPages) {
    return { buffers: Array.from({ length: count }, () => new Float32Array(length)), kernels: scalarKernels };
  }
  const memory = new webAssembly.Memory({ initial: pages, maximum: pages });
  const buffers = Array.from({ length: count }, (_, i) => new Float32Array(memory.buffer, i * length * 4, length));
  return { buffers, kernels: wasmKernels(memory) };
}
