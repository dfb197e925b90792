import { appendFileSync, mkdirSync, truncateSync } from "node:fs";
import { dirname } from "node:path";
import type { FollowedReel, GripperSighting } from "../gripper/gripper-detector.ts";
import { wholeLines } from "./lines.ts";

interface StoredReel {
  readonly reel: number;
  readonly sightings: readonly (GripperSighting | null)[];
  readonly nReseeds: number;
}

/** Where the gripper was found in each reel: a resumed job does not follow a reel again. Numbers come back to the last bit. */
export class ReelStore {
  readonly #path: string;
  readonly #reels = new Map<number, FollowedReel>();

  private constructor(path: string) {
    this.#path = path;
  }

  /** Opens the store; a line cut off by a kill is cut away. */
  static open(path: string): ReelStore {
    const store = new ReelStore(path);
    mkdirSync(dirname(path), { recursive: true });
    let end = 0;
    for (const line of wholeLines(path)) {
      try {
        const { reel, sightings, nReseeds } = JSON.parse(line.text) as StoredReel;
        store.#reels.set(reel, { sightings: sightings.map((one) => one ?? undefined), nReseeds });
      } catch {
        break; // it and what follows are followed again
      }
      end = line.end;
    }
    appendFileSync(path, "");
    truncateSync(path, end);
    return store;
  }

  /** A reel's sightings; given out once, as they are not needed again. */
  take(reel: number): FollowedReel | undefined {
    const found = this.#reels.get(reel);
    this.#reels.delete(reel);
    return found;
  }

  add(reel: number, { sightings, nReseeds }: FollowedReel): void {
    const stored: StoredReel = { reel, sightings: sightings.map((one) => one ?? null), nReseeds };
    appendFileSync(this.#path, `${JSON.stringify(stored)}\n`);
  }
}
