import { EpisodeIndex, openDataset } from "@pixelvla/data";

import { ACTION_WIDTH, type Policy } from "../policies/policy.ts";
import { ROLLOUT_DEFAULTS, runEpisode } from "../rollout/run-episode.ts";
import { keyNamed } from "../tasks/episode-spec.ts";

/** What to replay. */
export interface ReplayOptions {
  /** Pixel dataset recorded on the tabletop. */
  readonly root: string;
  /** Episodes, evenly spread; default 4. */
  readonly nEpisodes?: number;
  /** Changes one action `[7]` in place, as a policy's normalisation would. */
  readonly transform?: (action: Float32Array) => void;
  readonly signal?: AbortSignal;
}

/** What the replay came to. */
export interface ReplayReport {
  readonly nReplayed: number;
  readonly nSucceeded: number;
  /** Names of the episodes that did not succeed again. */
  readonly failed: readonly string[];
}

/**
 * Plays recorded actions again from the recorded start: every demonstration succeeded when it was recorded, so one that fails now
 * says that actions are read with another meaning, scale or timing than they were written with. Undefined for a dataset whose
 * episodes are not the tabletop's.
 *
 * @throws PVLA_PIXELS_MISSING, PVLA_BENCH_UNKNOWN_NAME
 */
export async function replayDemonstrations(options: ReplayOptions): Promise<ReplayReport | undefined> {
  const { root, nEpisodes = 4, transform, signal } = options;
  const index = await EpisodeIndex.open(root);
  const dataset = await openDataset(root, { onDamage: "skip" });
  try {
    const failed: string[] = [];
    let nReplayed = 0;
    const all = dataset.episodeIndices;
    const count = Math.min(nEpisodes, all.length);
    for (let i = 0; i < count; i++) {
      signal?.throwIfAborted();
      const episodeIndex = all[Math.round((i * (all.length - 1)) / Math.max(1, count - 1))]!;
      const name = (await index.fileOf(episodeIndex))?.key ?? "";
      const key = keyNamed(name);
      if (key === undefined) return undefined;
      const episode = await dataset.tryEpisode(episodeIndex);
      if (episode === undefined) continue;
      const actions = episode.rawAction.slice();
      for (let at = 0; transform !== undefined && at < actions.length; at += ACTION_WIDTH)
        transform(actions.subarray(at, at + ACTION_WIDTH));
      const { result } = await runEpisode(recorded(actions), key, {
        ...ROLLOUT_DEFAULTS,
        executeSteps: 1,
        end: "settled",
      });
      nReplayed++;
      if (!result.success) failed.push(name);
    }
    return { nReplayed, nSucceeded: nReplayed - failed.length, failed };
  } finally {
    await dataset.close();
    await index.close();
  }
}

/** Plays `[T, 7]` actions one by one, then stands still with the last gripper command. */
function recorded(actions: Float32Array): Policy {
  let at = 0;
  return {
    name: "recorded actions",
    usesImage: false,
    reset: () => {
      at = 0;
    },
    act: () => {
      const action = actions.slice(at, at + ACTION_WIDTH);
      if (action.length === ACTION_WIDTH) at += ACTION_WIDTH;
      const rest = new Float32Array(ACTION_WIDTH);
      rest[ACTION_WIDTH - 1] = actions.at(-1) ?? 1;
      return Promise.resolve({ chunkSize: 1, actions: action.length === ACTION_WIDTH ? action : rest });
    },
  };
}
