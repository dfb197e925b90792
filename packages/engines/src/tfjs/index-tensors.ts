import { add, broadcastTo, less, range, reshape, scalar, stack, where, type Tensor } from "@tensorflow/tfjs-core";

/** Indices with negative ones counted from the end of an axis of `dim` elements. */
export function positiveIndices<T extends Tensor>(indices: T, dim: number): T {
  // A plain number would widen the indices to float32.
  return where(less(indices, scalar(0, "int32")), add(indices, scalar(dim, "int32")), indices);
}

/**
 * Coordinates `[...indices.shape, rank]` of the elements that `indices` names along `axis` of a tensor: every other
 * coordinate is the index's own place.
 */
export function elementCoordinates(indices: Tensor, shape: readonly number[], axis: number): Tensor {
  const coordinates = indices.shape.map((dim, i) => {
    if (i === axis) return positiveIndices(indices, shape[axis]!);
    const along = reshape(
      range(0, dim, 1, "int32"),
      indices.shape.map((d, j) => (j === i ? d : 1)),
    );
    return broadcastTo(along, indices.shape);
  });
  return stack(coordinates, indices.rank);
}
