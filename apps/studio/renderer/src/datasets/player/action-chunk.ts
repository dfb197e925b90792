/** Where a chunk of commanded deltas leads from a position. */

/** Frames of a demonstrated action chunk, as the paper's policies predict them. */
export const CHUNK_SIZE = 8;

/**
 * Positions, `[n + 1, 3]` metres, that the commanded xyz deltas of frames `frameIndex` … `frameIndex + n - 1` lead to from `origin`;
 * n is `CHUNK_SIZE`, fewer at the end of the episode. `action` is `[T, A]` with dx, dy, dz first.
 */
export function chunkPositions(
  action: readonly number[],
  actionDim: number,
  frameIndex: number,
  origin: readonly number[],
): Float32Array {
  const nFrames = action.length / actionDim;
  const n = Math.max(0, Math.min(CHUNK_SIZE, nFrames - frameIndex));
  const positions = new Float32Array((n + 1) * 3);
  for (let axis = 0; axis < 3; axis++) {
    let at = origin[axis] ?? 0;
    positions[axis] = at;
    for (let i = 0; i < n; i++) {
      at += action[(frameIndex + i) * actionDim + axis] ?? 0;
      positions[(i + 1) * 3 + axis] = at;
    }
  }
  return positions;
}
