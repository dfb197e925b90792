import { PixelVlaError } from "@pixelvla/core";
import type { Damage } from "./episode.ts";

/** Enough to see what is wrong; the count goes on. */
const MAX_ENTRIES = 10_000;

/** Mistakes of the caller or the machine, not of the data: they throw in either mode. */
const NOT_DAMAGE = new Set(
  ["EPISODE", "FRAME", "CAMERA", "SPLIT", "STANDARDISATION", "DECODER"].map((name) => `PVLA_DATA_${name}`),
);

/** Decides between stopping at damage and reporting it. */
export class DamageLog {
  readonly entries: Damage[] = [];
  readonly #mode: "stop" | "skip";
  readonly #seen = new Set<string>();

  constructor(mode: "stop" | "skip") {
    this.#mode = mode;
  }

  /**
   * Runs `read`. Damage (a `PVLA_DATA_*` error) throws in `"stop"` mode; in `"skip"` mode it is noted and undefined returned.
   * Anything else, such as a full descriptor table or an abort, always throws.
   */
  async guard<T>(where: { file: string; episodeIndex: number }, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (this.#mode === "stop" || !(error instanceof PixelVlaError) || !isDamage(error.code)) throw error;
      const key = `${where.file}#${where.episodeIndex}#${error.code}`;
      if (!this.#seen.has(key) && this.entries.length < MAX_ENTRIES) {
        this.#seen.add(key);
        const offset = error.facts["offset"];
        this.entries.push({
          ...where,
          offset: typeof offset === "number" ? offset : undefined,
          code: error.code,
          message: error.message,
        });
      }
      return undefined;
    }
  }
}

const isDamage = (code: string) => code.startsWith("PVLA_DATA_") && !NOT_DAMAGE.has(code);
