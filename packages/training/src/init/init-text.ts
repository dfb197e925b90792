import { formatShape } from "@pixelvla/core";
import type { InitReport } from "./match-init.ts";

const NAMED = 8;

/**
 * The report as sentences for log and terminal: how much was loaded, what starts anew by part, then what looks like a mistake
 * (other shapes, names that nearly match).
 */
export function initText(from: string, { loaded, missing, mismatched, unexpected }: InitReport): string[] {
  const all = loaded.length + missing.length + mismatched.length;
  const lines = [`${loaded.length} of ${all} tensors from ${from}`];
  if (missing.length > 0) lines.push(`new: ${byPart(missing.map(({ name }) => name))}`);
  if (unexpected.length > 0) lines.push(`not used: ${byPart(unexpected)}`);
  for (const { name, found, needed } of mismatched.slice(0, NAMED))
    lines.push(`${name} starts anew: it is ${formatShape(found)} there and ${formatShape(needed)} here`);
  if (mismatched.length > NAMED) lines.push(`and ${mismatched.length - NAMED} more of another shape`);
  for (const { name, nearest } of missing.filter((one) => one.nearest !== undefined).slice(0, NAMED))
    lines.push(`${name} is not in it; the nearest unused name there is ${nearest!}`);
  return lines;
}

/** `12 of pixelEncoder, 24 of backbone (LoRA)` */
function byPart(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) {
    const part = `${name.split(".")[0]!}${/\.lora_[AB]\./.test(name) ? " (LoRA)" : ""}`;
    counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  return [...counts].map(([part, n]) => `${n} of ${part}`).join(", ");
}
