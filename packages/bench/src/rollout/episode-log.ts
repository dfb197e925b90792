import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { z } from "zod";

import { perturb, stateBytes } from "../env/after-step.ts";
import { badLog, replayDiffers } from "../errors.ts";
import { TabletopWorld } from "../env/tabletop-world.ts";
import { ACTION_WIDTH } from "../policies/policy.ts";
import { episodeName, episodeSpec, type EpisodeKey, type EpisodeSpec } from "../tasks/episode-spec.ts";
import { TASKS } from "../tasks/task.ts";

/** What replays an episode bit for bit: its key and the executed actions; the hash of all states proves it. One JSON line. */
export interface EpisodeLog extends EpisodeKey {
  readonly version: 1;
  /** `[nSteps, 7]` float32, little endian, base64. */
  readonly actions: string;
  /** SHA-256 over the mechanical state after each env step. */
  readonly stateHash: string;
}

const logSchema = z.strictObject({
  version: z.literal(1),
  embodiment: z.enum(["widowx", "google-robot"]),
  task: z.enum(TASKS),
  variant: z.string(),
  seed: z.int().min(0),
  actions: z.base64(),
  stateHash: z.string().length(64),
});

/** Packs what was executed. */
export function encodeLog(key: EpisodeKey, actions: readonly number[], stateHash: string): EpisodeLog {
  const bytes = Buffer.from(Float32Array.from(actions).buffer);
  return { version: 1, ...key, actions: bytes.toString("base64"), stateHash };
}

/** The executed actions, `[nSteps, 7]`. */
export function actionsOf(log: EpisodeLog): Float32Array {
  const bytes = Buffer.from(log.actions, "base64");
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** Reads one log. @throws PVLA_BENCH_LOG; `where` names it in the message */
export function parseLog(line: string, where: string): EpisodeLog {
  try {
    return logSchema.parse(JSON.parse(line));
  } catch (error) {
    throw badLog(where, "it is not an episode log of version 1", error);
  }
}

/**
 * Reads a file of logs, one JSON object a line.
 *
 * @throws PVLA_BENCH_LOG with the line
 */
export function readLogs(file: string): EpisodeLog[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    return [parseLog(line, `${file}, line ${index + 1}`)];
  });
}

/**
 * Plays a log again. `onStep` sees the world before the first action and after each one.
 *
 * @throws PVLA_BENCH_REPLAY when the states differ from the recorded ones
 */
export async function replayEpisode(
  log: EpisodeLog,
  onStep?: (world: TabletopWorld, spec: EpisodeSpec) => Promise<void> | void,
): Promise<void> {
  const spec = episodeSpec(log);
  const actions = actionsOf(log);
  const world = await TabletopWorld.create(spec.scene);
  const hash = createHash("sha256");
  try {
    await onStep?.(world, spec);
    for (let at = 0; at < actions.length; at += ACTION_WIDTH) {
      if (world.step(actions.slice(at, at + ACTION_WIDTH)).exploded) break;
      perturb(world, spec);
      hash.update(stateBytes(world));
      await onStep?.(world, spec);
    }
    const found = hash.digest("hex");
    if (found !== log.stateHash)
      throw replayDiffers({ episode: episodeName(log), stepIndex: world.stepIndex, expected: log.stateHash, found });
  } finally {
    world.dispose();
  }
}
