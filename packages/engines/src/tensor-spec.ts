import { formatShape, hostArray, sizeOf, type DType, type HostArray, type Shape, type Tensor } from "@pixelvla/core";
import { feedMismatch, feedNames } from "./errors.ts";
import type { Feeds } from "./engine.ts";

/** Name and type of a value that goes in or out of a compiled program; plain data, so it crosses threads. */
export interface TensorSpec {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

export function tensorSpec(name: string, { dtype, shape }: Tensor): TensorSpec {
  return { name, dtype, shape: [...shape] };
}

/** Elements a host array of this type has. */
export function hostLength({ dtype, shape }: TensorSpec): number {
  return dtype === "uint4" ? Math.ceil(sizeOf(shape) / 2) : sizeOf(shape);
}

/**
 * Checks names, element types and lengths of what is fed; `repeats` allows each array to hold that many batches.
 * @throws PVLA_FEEDS
 */
export function checkFeeds(
  specs: readonly TensorSpec[],
  feeds: Feeds,
  repeats: (name: string) => number = () => 1,
): void {
  const known = new Set(specs.map(({ name }) => name));
  const missing = specs.filter(({ name }) => feeds[name] === undefined).map(({ name }) => name);
  const unknown = Object.keys(feeds).filter((name) => !known.has(name));
  if (missing.length > 0 || unknown.length > 0) throw feedNames(missing, unknown, [...known]);
  for (const spec of specs) {
    const fed: HostArray = feeds[spec.name]!;
    const expected = hostLength(spec) * repeats(spec.name);
    const type = hostArray(spec.dtype, 0).constructor.name;
    if (fed.constructor.name !== type || fed.length !== expected) {
      throw feedMismatch(
        spec.name,
        `${fed.constructor.name} of ${fed.length} elements`,
        `${type} of ${expected} for ${spec.dtype}${formatShape(spec.shape)}`,
      );
    }
  }
}

/** The memory behind host arrays, each buffer once, for handing over to another thread. */
export function buffersOf(arrays: Iterable<HostArray>): ArrayBuffer[] {
  return [...new Set([...arrays].map((a) => a.buffer as ArrayBuffer))];
}
