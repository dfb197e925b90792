import { openCheckpoint, readTensor, writeSafetensors } from "@pixelvla/data/checkpoints";

/** A float32 tensor with its shape. */
export interface FloatTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Writes float32 tensors as one safetensors file, in the order of the map. */
export function writeFloatTensors(file: string, tensors: ReadonlyMap<string, FloatTensor>): Promise<void> {
  const list = [...tensors].map(([name, { shape, data }]) => ({ name, dtype: "float32" as const, shape, data }));
  return writeSafetensors(file, list);
}

/** Reads all tensors of a safetensors file as float32. @throws PVLA_CHECKPOINT_NOT_FOUND, PVLA_CHECKPOINT_DAMAGED */
export async function readFloatTensors(file: string): Promise<Map<string, FloatTensor>> {
  const { tensors } = await openCheckpoint(file);
  const read = await Promise.all(
    [...tensors].map(
      async ([name, stored]) => [name, { shape: stored.shape, data: await readTensor(stored) }] as const,
    ),
  );
  return new Map(read);
}
