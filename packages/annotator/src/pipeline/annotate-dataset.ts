import { isDropped } from "../funnel/causes.ts";
import { followReel, type SeedPicture } from "../gripper/follow-reel.ts";
import type { FollowedReel } from "../gripper/gripper-detector.ts";
import { annotateEpisode, type AnnotateContext, type AnnotatedEpisode, type ReadyEpisode } from "./annotate-episode.ts";
import { askTarget } from "./ask-target.ts";
import { readCloseFrame, type EpisodeTask } from "./close-frame.ts";
import { orderedMap } from "./ordered-map.ts";

/** Which episodes, and what is known of them already. */
export interface AnnotatePlan extends AnnotateContext {
  /** Positions `[start, end)` in the dataset's episode list to annotate. */
  readonly start: number;
  readonly end: number;
  /** Only these of them; default: all. */
  readonly only?: ReadonlySet<number> | undefined;
  readonly seeds: readonly SeedPicture[];
  /** A reel followed earlier. */
  readonly followed: (reel: number) => FollowedReel | undefined;
  readonly onFollowed: (reel: number, followed: FollowedReel) => void;
}

/** An episode's place in the list and in its reel of close frames. */
interface Place {
  readonly position: number;
  readonly episodeIndex: number;
  readonly reel: number;
  readonly isLastOfReel: boolean;
  /** Whether it is to be annotated, or only makes up the reel. */
  readonly isWanted: boolean;
  /** The reel as followed earlier, and the place in it. */
  readonly followed: FollowedReel | undefined;
  readonly placeInReel: number;
}

/**
 * The whole pipeline over a range of episodes, results in order: read and find the close frame, follow the gripper reel by
 * reel, ask for the target, annotate. The stages overlap with bounded queues between them. What comes out for an episode does
 * not depend on the range.
 */
export function annotateDataset(plan: AnnotatePlan): AsyncGenerator<AnnotatedEpisode, void, undefined> {
  const { recipe, roles, signal, dataset, camera } = plan;
  const { loadAhead, episodesAtOnce } = recipe.limits;
  const read = orderedMap(places(plan), loadAhead, async (place) => {
    signal?.throwIfAborted();
    return { place, task: await readCloseFrame(dataset, place, camera, recipe) };
  });
  const ready = orderedMap(withGripper(read, plan), loadAhead, async (episode): Promise<ReadyEpisode> => {
    signal?.throwIfAborted();
    const isOut = episode.close !== undefined && isDropped(episode.close);
    const target = isOut ? undefined : await askTarget(episode.task, roles.targetReasoner, recipe, signal);
    return { ...episode, target };
  });
  return orderedMap(ready, episodesAtOnce, (episode) => annotateEpisode(episode, plan));
}

/** Wanted episodes, and those that make up their reels where a reel was not followed yet. */
function* places(plan: AnnotatePlan): Generator<Place> {
  const { dataset, recipe, roles, start, end, only } = plan;
  const size = recipe.region.reelEpisodes;
  const isFollowing = roles.gripperDetector !== undefined && recipe.region.mode !== "full";
  const isWanted = (position: number) => position >= start && position < end && only?.has(position) !== false;
  const reels = only === undefined ? undefined : new Set([...only].map((position) => Math.floor(position / size)));
  for (let reel = Math.floor(start / size); reel * size < end; reel++) {
    if (reels?.has(reel) === false) continue;
    const followed = isFollowing ? plan.followed(reel) : undefined;
    const isNeeded = isFollowing && followed === undefined;
    const first = isNeeded ? reel * size : Math.max(start, reel * size);
    const last = Math.min((reel + 1) * size, isNeeded ? dataset.episodeIndices.length : end) - 1;
    for (let position = first; position <= last; position++) {
      if (!isNeeded && !isWanted(position)) continue;
      yield {
        position,
        episodeIndex: dataset.episodeIndices[position]!,
        reel,
        isLastOfReel: isNeeded && position === last,
        isWanted: isWanted(position),
        followed,
        placeInReel: position - reel * size,
      };
    }
  }
}

type Sighted = EpisodeTask & Pick<ReadyEpisode, "sighting">;

/** Stage 1: gives every wanted episode its gripper sighting. */
async function* withGripper(
  read: AsyncIterable<{ readonly place: Place; readonly task: EpisodeTask }>,
  plan: AnnotatePlan,
): AsyncGenerator<Sighted> {
  const { gripperDetector } = plan.roles;
  const isFollowing = gripperDetector !== undefined && plan.recipe.region.mode !== "full";
  let waiting: { place: Place; task: EpisodeTask }[] = [];
  for await (const { place, task } of read) {
    if (!isFollowing || place.followed !== undefined) {
      yield { ...task, sighting: place.followed?.sightings[place.placeInReel] };
      continue;
    }
    waiting.push({ place, task });
    if (!place.isLastOfReel) continue;
    const reel = waiting.map(({ task: { episodeIndex, close } }) =>
      close === undefined || isDropped(close) ? undefined : { episodeIndex, close },
    );
    const followed = await followReel(gripperDetector, reel, plan.seeds, plan.signal);
    plan.onFollowed(place.reel, followed);
    for (const [i, one] of waiting.entries())
      if (one.place.isWanted) yield { ...one.task, sighting: followed.sightings[i] };
    waiting = [];
  }
}
