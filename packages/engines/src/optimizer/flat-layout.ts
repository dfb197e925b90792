import { sizeOf, type Shape } from "@pixelvla/core";
import { notTrainable } from "../errors.ts";
import type { OptimizerConfig } from "./optimizer-config.ts";

/** One parameter's place in the flat buffers of parameters, gradients and moments. */
export interface FlatSlot {
  readonly name: string;
  readonly shape: Shape;
  /** First element. */
  readonly start: number;
  readonly length: number;
}

/** A run of elements with one learning rate and weight decay. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** Elements between slots are rounded up to a cache line, so that every view is aligned. */
const ALIGNMENT = 16;

/** Lays parameters out one after the other; returns their places and the length of the whole. */
export function flatLayout(parameters: readonly { readonly name: string; readonly shape: Shape }[]): {
  slots: FlatSlot[];
  length: number;
} {
  let start = 0;
  const slots = parameters.map(({ name, shape }) => {
    const slot = { name, shape: [...shape], start, length: sizeOf(shape) };
    start += Math.ceil(slot.length / ALIGNMENT) * ALIGNMENT;
    return slot;
  });
  return { slots, length: start };
}

/** A view per slot of a flat buffer. */
export function slotViews(slots: readonly FlatSlot[], flat: Float32Array): Record<string, Float32Array> {
  return Object.fromEntries(slots.map(({ name, start, length }) => [name, flat.subarray(start, start + length)]));
}

/**
 * Neighbouring slots with equal settings as one segment each.
 * @throws PVLA_TRAIN_PROGRAM when a group names a parameter that does not train
 */
export function segments(slots: readonly FlatSlot[], length: number, config: OptimizerConfig): Segment[] {
  const settings = new Map(
    (config.groups ?? []).flatMap((group) => group.parameters.map((name) => [name, group] as const)),
  );
  const known = new Set(slots.map(({ name }) => name));
  const unknown = [...settings.keys()].find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw notTrainable(`an optimizer group with "${unknown}", which does not train`, "names of trained parameters");
  }
  const result: Segment[] = [];
  slots.forEach(({ name, start }, i) => {
    const group = settings.get(name);
    const learningRate = group?.learningRate ?? config.learningRate;
    const weightDecay = group?.weightDecay ?? config.weightDecay ?? 0;
    const end = slots[i + 1]?.start ?? length;
    const previous = result.at(-1);
    if (previous?.learningRate === learningRate && previous.weightDecay === weightDecay) {
      result[result.length - 1] = { ...previous, end };
    } else {
      result.push({ start, end, learningRate, weightDecay });
    }
  });
  return result;
}
