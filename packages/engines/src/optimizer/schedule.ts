import type { ScheduleConfig } from "./optimizer-config.ts";

/** Factor on the learning rate at train step `step` (0 for the first). */
export function scheduleFactor(step: number, schedule: ScheduleConfig = { kind: "constant" }): number {
  const { kind, warmupSteps = 0, totalSteps = 0, finalFactor = 0 } = schedule;
  if (step < warmupSteps) return (step + 1) / warmupSteps;
  if (kind === "constant") return 1;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
  const falling = kind === "cosine" ? 0.5 * (1 + Math.cos(Math.PI * progress)) : 1 - progress;
  return finalFactor + (1 - finalFactor) * falling;
}
