import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** `--from` as an override: a folder keeps its meaning wherever the run is looked at; anything else names a shipped base. */
export function initOverride(from: string | undefined): string[] {
  if (from === undefined) return [];
  return [`training.init=${JSON.stringify(existsSync(from) ? resolve(from) : from)}`];
}
