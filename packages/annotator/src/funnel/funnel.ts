import { PixelVlaError } from "@pixelvla/core";
import type { EpisodeHead } from "../pipeline/episode-record.ts";
import { CAUSES, type Cause } from "./causes.ts";

/** Details kept of each cause. */
const EXAMPLES = 5;
export const FUNNEL_VERSION = 1;

/** Episodes dropped for one cause. */
export interface FunnelStep {
  readonly cause: Cause;
  /** The cause in words. */
  readonly meaning: string;
  readonly nDropped: number;
  /** Share of all episodes that went in. */
  readonly share: number;
  /** Episodes left after this cause. */
  readonly nLeft: number;
  readonly examples: readonly { readonly episodeIndex: number; readonly detail: string }[];
}

/** `results/funnel.json`: what went in, what was dropped for which cause, what is kept. The same for the same episodes, however they were computed. */
export interface Funnel {
  readonly version: typeof FUNNEL_VERSION;
  readonly dataset: string;
  readonly recipe: string;
  readonly run: string;
  readonly nIn: number;
  readonly nDropped: number;
  readonly nKept: number;
  readonly keptShare: number;
  /** In the order of the pipeline, causes that occurred. */
  readonly dropped: readonly FunnelStep[];
  readonly kept: {
    readonly nFrames: number;
    readonly nFramesWithMask: number;
    /** Target found outside the region proposal (`region.mode: gripper-or-full`). */
    readonly nOutsideRegion: number;
    /** Times the object was found again after it was lost. */
    readonly nRedetections: number;
    readonly meanScore: number;
    readonly meanDoubt: number;
  };
  /** What ended the job before its time; null for one that ran or was stopped as asked. */
  readonly failure: { readonly code: string; readonly message: string } | null;
}

/** Counts episodes into a funnel. */
export class FunnelCounter {
  readonly #about: Pick<Funnel, "dataset" | "recipe" | "run">;
  readonly #byCause = new Map<Cause, { n: number; examples: { episodeIndex: number; detail: string }[] }>();
  #nIn = 0;
  #kept = { n: 0, nFrames: 0, nFramesWithMask: 0, nOutsideRegion: 0, nRedetections: 0, score: 0, doubt: 0 };

  constructor(about: Pick<Funnel, "dataset" | "recipe" | "run">) {
    this.#about = about;
  }

  get nIn(): number {
    return this.#nIn;
  }

  get nKept(): number {
    return this.#kept.n;
  }

  nDropped(cause: Cause): number {
    return this.#byCause.get(cause)?.n ?? 0;
  }

  add(head: EpisodeHead): void {
    this.#nIn++;
    if (head.cause === undefined) {
      const kept = this.#kept;
      kept.n++;
      kept.nFrames += head.nFrames ?? 0;
      kept.nFramesWithMask += head.nWithMask ?? 0;
      kept.nOutsideRegion += head.outsideRegion === true ? 1 : 0;
      kept.nRedetections += head.nRedetections ?? 0;
      kept.score += head.score ?? 0;
      kept.doubt += head.doubt ?? 0;
      return;
    }
    const entry = this.#byCause.get(head.cause) ?? { n: 0, examples: [] };
    this.#byCause.set(head.cause, entry);
    entry.n++;
    if (entry.examples.length < EXAMPLES)
      entry.examples.push({ episodeIndex: head.episodeIndex, detail: head.detail ?? "" });
  }

  /** @param failure what ended the job, if it failed */
  funnel(failure?: unknown): Funnel {
    const kept = this.#kept;
    let nLeft = this.#nIn;
    const dropped = (Object.keys(CAUSES) as Cause[]).flatMap((cause): FunnelStep[] => {
      const entry = this.#byCause.get(cause);
      if (entry === undefined) return [];
      nLeft -= entry.n;
      return [
        {
          cause,
          meaning: CAUSES[cause],
          nDropped: entry.n,
          share: entry.n / this.#nIn,
          nLeft,
          examples: entry.examples,
        },
      ];
    });
    const mean = (sum: number) => (kept.n === 0 ? 0 : sum / kept.n);
    return {
      version: FUNNEL_VERSION,
      ...this.#about,
      nIn: this.#nIn,
      nDropped: this.#nIn - kept.n,
      nKept: kept.n,
      keptShare: this.#nIn === 0 ? 0 : kept.n / this.#nIn,
      dropped,
      kept: {
        nFrames: kept.nFrames,
        nFramesWithMask: kept.nFramesWithMask,
        nOutsideRegion: kept.nOutsideRegion,
        nRedetections: kept.nRedetections,
        meanScore: mean(kept.score),
        meanDoubt: mean(kept.doubt),
      },
      failure:
        failure === undefined
          ? null
          : {
              code: failure instanceof PixelVlaError ? failure.code : "PVLA_INTERNAL",
              message: failure instanceof Error ? failure.message : "something that is no error was thrown",
            },
    };
  }
}
