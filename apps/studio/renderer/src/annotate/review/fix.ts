import { host } from "../../host/client.ts";
import { problemOf } from "../../host/problem.ts";
import type { PropagateEvent, Problem, ReviewItem } from "../../host/types.ts";
import { createStore, type Store } from "../../store/store.ts";
import { paintStroke, type Patch } from "../mask/brush.ts";
import { decodeMask, emptyMask, encodeMask, type Mask } from "../mask/rle.ts";

/** How a frame is fixed: tools 1 to 4. */
export const fixTools = ["point", "box", "line", "brush"] as const;
export type FixTool = (typeof fixTools)[number];

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly isObject: boolean;
}
export interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}
export type Line = readonly (readonly [number, number])[];

/** A mask that is not saved yet. */
export interface Draft {
  readonly mask: Mask;
  readonly origin: "manual" | "tracked" | "redetected";
  readonly score: number;
}

/** What was drawn on the frame that is being fixed. */
export interface Drawn {
  readonly frameIndex: number;
  readonly points: readonly Point[];
  readonly box?: Box;
  readonly lines: readonly Line[];
}

export interface FixState {
  /** Masks not saved yet, by frame. */
  readonly drafts: ReadonlyMap<number, Draft>;
  readonly drawn: Drawn | undefined;
  readonly isAsking: boolean;
  /** Milliseconds of the segmenter's last answer: picture and prompt. */
  readonly times: { readonly encodeMs: number; readonly decodeMs: number } | undefined;
  readonly carrying: { readonly nDone: number; readonly nAll: number } | undefined;
  readonly problem: Problem | undefined;
}

const NOTHING: FixState = {
  drafts: new Map(),
  drawn: undefined,
  isAsking: false,
  times: undefined,
  carrying: undefined,
  problem: undefined,
};

type Models = "embedded" | "recipe";

/** The masks of one episode while a person mends them: prompts ask the segmenter, the brush paints, E carries a mask on. Nothing is stored before `save`. */
export class Fix {
  readonly state: Store<FixState> = createStore(NOTHING);
  readonly #storeId: string;
  readonly #item: ReviewItem;
  #models = new Set<string>();
  #asked = 0;
  #again = false;
  #carrying: { unsubscribe(): void } | undefined;
  #undo: FixState[] = [];

  constructor(storeId: string, item: ReviewItem) {
    this.#storeId = storeId;
    this.#item = item;
  }

  get isDirty(): boolean {
    return this.state.get().drafts.size > 0;
  }

  /** The mask of a frame as it stands: draft, else stored. Undefined where there is none. */
  maskAt(frameIndex: number): Mask | undefined {
    const draft = this.state.get().drafts.get(frameIndex);
    if (draft !== undefined) return draft.mask;
    const wire = this.#item.frames.find((frame) => frame.frameIndex === frameIndex)?.mask;
    return wire && decodeMask(wire);
  }

  addPoint(frameIndex: number, point: Point, models: Models): void {
    this.#draw(frameIndex, (drawn) => ({ ...drawn, points: [...drawn.points, point] }), models);
  }

  setBox(frameIndex: number, box: Box, models: Models): void {
    this.#draw(frameIndex, (drawn) => ({ ...drawn, box }), models);
  }

  addLine(frameIndex: number, line: Line, models: Models): void {
    this.#draw(frameIndex, (drawn) => ({ ...drawn, lines: [...drawn.lines, line] }), models);
  }

  /** Starts a stroke of the brush: the mask it changes in place from then on. */
  startStroke(frameIndex: number): Mask {
    this.#remember();
    const { widthPx, heightPx } = this.#item;
    const before = this.maskAt(frameIndex);
    const mask = before === undefined ? emptyMask(widthPx, heightPx) : { ...before, data: before.data.slice() };
    this.#set({
      drafts: with_(this.state.get().drafts, frameIndex, { mask, origin: "manual", score: 1 }),
      drawn: undefined,
    });
    return mask;
  }

  /** Paints on the mask that `startStroke` gave; the caller shows the patch. */
  stroke(
    mask: Mask,
    from: readonly [number, number],
    to: readonly [number, number],
    radiusPx: number,
    isErasing: boolean,
  ): Patch {
    return paintStroke(mask, from, to, radiusPx, isErasing ? 0 : 255);
  }

  /** Ends a stroke: what was painted becomes a new mask, so that whoever draws it takes it in. */
  endStroke(frameIndex: number): void {
    const draft = this.state.get().drafts.get(frameIndex);
    if (draft !== undefined)
      this.#set({ drafts: with_(this.state.get().drafts, frameIndex, { ...draft, mask: { ...draft.mask } }) });
  }

  /** The object is not to be seen in this frame. */
  clear(frameIndex: number): void {
    this.#remember();
    const mask = emptyMask(this.#item.widthPx, this.#item.heightPx);
    this.#set({
      drafts: with_(this.state.get().drafts, frameIndex, { mask, origin: "manual", score: 1 }),
      drawn: undefined,
    });
  }

  /** Takes back the last prompt, stroke or propagation; false when there was none. */
  undo(): boolean {
    const before = this.#undo.pop();
    if (before === undefined) return false;
    this.#stopCarrying();
    this.#asked++;
    this.state.set({ ...before, isAsking: false, carrying: undefined });
    return true;
  }

  /** Forgets everything not saved. */
  discard(): void {
    this.#stopCarrying();
    this.#asked++;
    this.#undo = [];
    this.#models.clear();
    this.state.set(NOTHING);
  }

  /** Carries the mask of a frame on; drafts arrive frame by frame. */
  propagate(frameIndex: number, direction: "forward" | "backward" | "both", models: Models): void {
    const mask = this.maskAt(frameIndex);
    if (mask === undefined || this.#carrying !== undefined) return;
    this.#remember();
    const own = this.state.get().drafts.get(frameIndex) ?? { mask, origin: "manual" as const, score: 1 };
    this.#set({
      drafts: with_(this.state.get().drafts, frameIndex, own),
      carrying: { nDone: 0, nAll: 0 },
      problem: undefined,
    });
    const { widthPx, heightPx } = this.#item;
    this.#carrying = host.annotate.propagate.subscribe(
      {
        storeId: this.#storeId,
        episodeIndex: this.#item.row.episodeIndex,
        frameIndex,
        models,
        mask: encodeMask(mask),
        direction,
      },
      {
        onData: (event: PropagateEvent) => {
          if (event.kind === "end") {
            this.#models.add(event.model);
            this.#stopCarrying();
            return;
          }
          const { frame, nDone, nAll } = event;
          const carried = frame.mask === undefined ? emptyMask(widthPx, heightPx) : decodeMask(frame.mask);
          const draft = { mask: carried, origin: frame.origin, score: frame.score };
          this.#set({ drafts: with_(this.state.get().drafts, frame.frameIndex, draft), carrying: { nDone, nAll } });
        },
        onError: (error) => {
          this.#stopCarrying();
          this.#set({ problem: problemOf(error) });
        },
      },
    );
  }

  /** Stores the drafts as a fix; on the disk when this resolves. @throws what the host says */
  async save(author: string) {
    this.#stopCarrying();
    const frames = [...this.state.get().drafts].map(([frameIndex, { mask, origin, score }]) => ({
      frameIndex,
      origin,
      score,
      mask: mask.data.some((value) => value > 127) ? encodeMask(mask) : null,
    }));
    const outcome = await host.annotate.fix.mutate({
      storeId: this.#storeId,
      episodeIndex: this.#item.row.episodeIndex,
      fixId: crypto.randomUUID(),
      author,
      frames,
      models: [...this.#models].join(" + "),
    });
    this.discard();
    return outcome;
  }

  close(): void {
    this.#stopCarrying();
    this.#asked++;
  }

  #draw(frameIndex: number, change: (drawn: Drawn) => Drawn, models: Models): void {
    this.#remember();
    const { drawn } = this.state.get();
    const before = drawn?.frameIndex === frameIndex ? drawn : { frameIndex, points: [], lines: [] };
    this.#set({ drawn: change(before), problem: undefined });
    void this.#ask(models);
  }

  /** Asks the segmenter for what is drawn. While it thinks, later prompts wait and only the last is asked. */
  async #ask(models: Models): Promise<void> {
    if (this.state.get().isAsking) {
      this.#again = true;
      return;
    }
    const { drawn } = this.state.get();
    if (drawn === undefined) return;
    const ticket = this.#asked;
    this.#set({ isAsking: true });
    const { frameIndex, points, box, lines } = drawn;
    const where = { storeId: this.#storeId, episodeIndex: this.#item.row.episodeIndex, frameIndex, models };
    try {
      const answer = await host.annotate.segment.query({
        ...where,
        points: [...points],
        lines: lines.map((line) => line.map(([x, y]): [number, number] => [x, y])),
        ...(box === undefined ? {} : { box }),
      });
      if (ticket !== this.#asked) return;
      this.#models.add(answer.model);
      const draft: Draft = { mask: decodeMask(answer.mask), origin: "manual", score: 1 };
      const times = { encodeMs: answer.encodeMs, decodeMs: answer.decodeMs };
      this.#set({ drafts: with_(this.state.get().drafts, frameIndex, draft), times, problem: undefined });
    } catch (error) {
      if (ticket === this.#asked) this.#set({ problem: problemOf(error) });
    } finally {
      if (ticket === this.#asked) this.#set({ isAsking: false });
    }
    if (this.#again) {
      this.#again = false;
      await this.#ask(models);
    }
  }

  #remember(): void {
    this.#undo.push(this.state.get());
    if (this.#undo.length > 100) this.#undo.shift();
  }

  #stopCarrying(): void {
    this.#carrying?.unsubscribe();
    this.#carrying = undefined;
    if (this.state.get().carrying !== undefined) this.#set({ carrying: undefined });
  }

  #set(changes: Partial<FixState>): void {
    this.state.set({ ...this.state.get(), ...changes });
  }
}

function with_<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value);
}
