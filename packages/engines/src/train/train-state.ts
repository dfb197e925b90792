import { sameShape, formatShape, type Shape } from "@pixelvla/core";
import { stateMismatch } from "../errors.ts";
import { slotViews, type FlatSlot } from "../optimizer/flat-layout.ts";

/** A float32 tensor of a train state. */
export interface StateTensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/**
 * Everything that makes a train session continue bit for bit. `tensors` are named `parameter/NAME`, `first/NAME` and
 * `second/NAME` (AdamW's moments) or `velocity/NAME` (SGD), and `ema/NAME`, ready for one safetensors file.
 */
export interface TrainState {
  /** Train steps done. */
  readonly step: number;
  readonly tensors: ReadonlyMap<string, StateTensor>;
}

/** Flat buffers by role (`parameter`, `first`, ...), as they cross threads. */
export type FlatState = { readonly step: number; readonly buffers: Readonly<Record<string, Float32Array>> };

/** Cuts flat buffers into named tensors; views, no copies. */
export function unflatten(slots: readonly FlatSlot[], { step, buffers }: FlatState): TrainState {
  const tensors = new Map<string, StateTensor>();
  for (const [role, flat] of Object.entries(buffers)) {
    const views = slotViews(slots, flat);
    for (const { name, shape } of slots) tensors.set(`${role}/${name}`, { shape, data: views[name]! });
  }
  return { step, tensors };
}

/**
 * Packs named tensors into flat buffers of the given roles.
 * @throws PVLA_TRAIN_STATE when a tensor is missing or has another shape
 */
export function flatten(
  slots: readonly FlatSlot[],
  length: number,
  roles: readonly string[],
  state: TrainState,
): FlatState {
  const buffers = Object.fromEntries(
    roles.map((role) => {
      const flat = new Float32Array(length);
      for (const { name, shape, start } of slots) {
        const tensor = state.tensors.get(`${role}/${name}`);
        if (tensor === undefined) throw stateMismatch(`no tensor "${role}/${name}"`, `one ${formatShape(shape)}`);
        if (!sameShape(tensor.shape, shape)) {
          throw stateMismatch(`"${role}/${name}" of shape ${formatShape(tensor.shape)}`, formatShape(shape));
        }
        flat.set(tensor.data, start);
      }
      return [role, flat];
    }),
  );
  return { step: state.step, buffers };
}
