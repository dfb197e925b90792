import { createReadStream } from "node:fs";
import { join, basename, dirname } from "node:path";
import { createInterface } from "node:readline";
import { readJson } from "../json-file.ts";

/**
 * Smallest recorded value of the last action dimension, from the dataset's own statistics (first episodes of v2.1);
 * undefined where there are none. LIBERO's own convention (-1 open) shows here.
 */
export async function smallestGripper(root: string): Promise<number | undefined> {
  const stats = await readJson(join(root, "meta/stats.json")).catch(() => undefined);
  const whole = lastMinimum(stats);
  if (whole !== undefined) return whole;
  let smallest: number | undefined;
  let lines = 0;
  try {
    const input = createReadStream(join(root, "meta/episodes_stats.jsonl"), { encoding: "utf8" });
    for await (const line of createInterface({ input })) {
      const value = lastMinimum((JSON.parse(line) as { stats?: unknown }).stats);
      if (value !== undefined) smallest = Math.min(smallest ?? value, value);
      if (++lines >= 20) break;
    }
  } catch {
    return smallest; // statistics are a hint here; readers of them report damage themselves
  }
  return smallest;
}

/** A name for the dataset: its folder, or the repository's name inside a Hugging Face cache. */
export function datasetName(root: string): string {
  const repository = /datasets--(.+)$/.exec(basename(dirname(dirname(root))));
  return repository ? repository[1]!.replace("--", "/") : basename(root);
}

function lastMinimum(stats: unknown): number | undefined {
  if (typeof stats !== "object" || stats === null) return undefined;
  const table = stats as Record<string, { min?: unknown } | undefined>;
  const min = (table["action"] ?? table["actions"])?.min;
  const last: unknown = Array.isArray(min) ? min.at(-1) : undefined;
  return typeof last === "number" ? last : undefined;
}
