import { byteSize, hostArray, type HostArray } from "@pixelvla/core";
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "@pixelvla/data/checkpoints";
import type { BoundaryTensor } from "./cut-prefix.ts";

/** How float32 values are kept. Only float32 gives the very results of training without a cache. */
export const CACHE_DTYPES = ["float32", "float16", "bfloat16"] as const;
export type CacheDType = (typeof CACHE_DTYPES)[number];

const ALIGNMENT = 8;

interface Field extends BoundaryTensor {
  readonly stored: BoundaryTensor["dtype"];
  /** First byte in the row. */
  readonly offset: number;
  readonly bytes: number;
}

/** Packs the boundary values of one sample into one row of bytes, and back. Rows of one codec all have the same length. */
export class RowCodec {
  readonly rowBytes: number;
  readonly #fields: readonly Field[];

  constructor(boundary: readonly BoundaryTensor[], dtype: CacheDType) {
    let offset = 0;
    this.#fields = boundary.map((tensor) => {
      const stored = tensor.dtype === "float32" ? dtype : tensor.dtype;
      const bytes = byteSize(stored, tensor.perSample);
      const field = { ...tensor, stored, offset, bytes };
      offset += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
      return field;
    });
    this.rowBytes = offset;
  }

  /** Empty feeds for `count` samples. */
  feeds(count: number): Record<string, HostArray> {
    return Object.fromEntries(
      this.#fields.map(({ name, dtype, perSample }) => [name, hostArray(dtype, perSample * count)]),
    );
  }

  /** The row of sample `sample` of boundary values by name. */
  pack(values: Readonly<Record<string, HostArray>>, sample: number): Uint8Array<ArrayBuffer> {
    const row = new Uint8Array(this.rowBytes);
    for (const { name, perSample, stored, dtype, offset } of this.#fields) {
      const own = values[name]!.subarray(sample * perSample, (sample + 1) * perSample);
      const kept = stored === dtype ? own : NARROW[stored as HalfType](own as Float32Array);
      row.set(new Uint8Array(kept.buffer, kept.byteOffset, kept.byteLength), offset);
    }
    return row;
  }

  /** Writes a row's values into `feeds` as those of sample `sample`. */
  unpack(row: Uint8Array<ArrayBuffer>, feeds: Readonly<Record<string, HostArray>>, sample: number): void {
    for (const { name, perSample, stored, dtype, offset, bytes } of this.#fields) {
      const into = feeds[name]!;
      const from = row.byteOffset + offset;
      if (stored === dtype) {
        const at = into.byteOffset + sample * bytes;
        new Uint8Array(into.buffer, at, bytes).set(new Uint8Array(row.buffer, from, bytes));
      } else {
        const bits = new Uint16Array(row.buffer, from, perSample);
        (into as Float32Array).set(WIDEN[stored as HalfType](bits), sample * perSample);
      }
    }
  }
}

type HalfType = Exclude<CacheDType, "float32">;
const NARROW = { float16: float32ToFloat16, bfloat16: float32ToBfloat16 };
const WIDEN = { float16: float16ToFloat32, bfloat16: bfloat16ToFloat32 };
