import { rememberedStore } from "../store/remembered.ts";
import { useStore } from "../store/store.ts";
import type { CurveView } from "./queries.ts";

const view = rememberedStore<CurveView>("runs/curve-view", {
  axis: "step",
  smoothing: 0.6,
  isLogX: false,
  isLogY: false,
});

/** How curves are drawn, remembered over restarts. */
export function useCurveView(): [CurveView, (changes: Partial<CurveView>) => void] {
  return [useStore(view), (changes) => view.set({ ...view.get(), ...changes })];
}

/** Metrics that are shown first, by how much they tell. */
const order = [
  "loss",
  "train/loss",
  "l1",
  "trainL1",
  "validationLoss",
  "valLoss",
  "successRate",
  "learningRate",
  "gradNorm",
  "samplesPerS",
];

/** The metrics in the order they are shown: known ones first, then by name. */
export function orderedKeys(keys: readonly string[]): string[] {
  const rank = (key: string) => {
    const at = order.indexOf(key);
    return at < 0 ? order.length : at;
  };
  return [...keys]
    .filter((key) => key !== "step" && key !== "timeS")
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b, "en"));
}
