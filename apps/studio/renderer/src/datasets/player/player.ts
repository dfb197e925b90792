import { createStore, type Store } from "../../store/store.ts";
import { neighbours, type PictureStore } from "./picture-store.ts";
import { clampFrame, frameAt, shuttle, withRangeEdge, type Playback } from "./playback-clock.ts";

/** Where the player stands. */
export interface PlayerState {
  /** Frame on the screen: picture, mask, curves and 3D all show this one. */
  readonly shown: number;
  /** Frame asked for; differs from `shown` only while its picture is on its way. */
  readonly wanted: number;
  /** 0 while paused, negative backwards. */
  readonly rate: number;
  /** Speed that play starts with. */
  readonly speed: number;
  readonly range: { readonly start: number; readonly end: number };
}

export interface PlayerOptions {
  readonly nFrames: number;
  readonly fps: number;
  readonly frameIndex: number;
  /** Pictures that must be there before a frame is shown: image, and mask where there is one. */
  readonly pictures: () => readonly Pick<PictureStore<ImageBitmap>, "get" | "load" | "prefetch">[];
  readonly onProblem: (error: unknown) => void;
}

/**
 * The one time cursor of an episode. A frame becomes `shown` only when its pictures are here, and then for every view at once,
 * so picture, curves and 3D never disagree.
 */
export class Player {
  readonly state: Store<PlayerState>;
  readonly #options: PlayerOptions;
  #anchor: { frame: number; ms: number };
  #animation = 0;
  #isClosed = false;

  constructor(options: PlayerOptions) {
    this.#options = options;
    const frame = clampFrame(options.frameIndex, options.nFrames);
    this.#anchor = { frame, ms: 0 };
    this.state = createStore<PlayerState>({
      shown: frame,
      wanted: frame,
      rate: 0,
      speed: 1,
      range: { start: 0, end: options.nFrames - 1 },
    });
  }

  get nFrames(): number {
    return this.#options.nFrames;
  }

  /** Shows a frame as soon as its pictures are here. Playback goes on from it. */
  seek(frameIndex: number): void {
    const wanted = clampFrame(frameIndex, this.#options.nFrames);
    this.#anchor = { frame: wanted, ms: performance.now() };
    this.#want(wanted);
  }

  /** Moves by frames and pauses. */
  step(nFrames: number): void {
    this.setRate(0);
    this.seek(this.state.get().wanted + nFrames);
  }

  /** Plays at the chosen speed, or pauses. */
  toggle(): void {
    const { rate, speed } = this.state.get();
    this.setRate(rate === 0 ? speed : 0);
  }

  /** J, K and L. */
  shuttle(key: "j" | "k" | "l"): void {
    this.setRate(shuttle(this.state.get().rate, key));
  }

  setRate(rate: number): void {
    const { shown, range } = this.state.get();
    const isOutside = shown < range.start || shown > range.end;
    this.#anchor = { frame: rate !== 0 && isOutside ? range.start : shown, ms: performance.now() };
    this.#update({ rate });
    cancelAnimationFrame(this.#animation);
    if (rate !== 0) this.#animation = requestAnimationFrame(this.#tick);
  }

  setSpeed(speed: number): void {
    this.#update({ speed });
    const { rate } = this.state.get();
    if (rate !== 0) this.setRate(Math.sign(rate) * speed);
  }

  /** [ and ]: the played range starts or ends at the shown frame. */
  setRangeEdge(edge: "start" | "end"): void {
    const { range, wanted } = this.state.get();
    this.#update({ range: withRangeEdge(range, edge, wanted, this.#options.nFrames) });
  }

  clearRange(): void {
    this.#update({ range: { start: 0, end: this.#options.nFrames - 1 } });
  }

  /** Loads the pictures of the current frame anew, after the camera or the overlays changed. */
  refresh(): void {
    this.#want(this.state.get().wanted, true);
  }

  close(): void {
    this.#isClosed = true;
    cancelAnimationFrame(this.#animation);
  }

  #update(changes: Partial<PlayerState>): void {
    this.state.set({ ...this.state.get(), ...changes });
  }

  #want(wanted: number, isForced = false): void {
    const stores = this.#options.pictures();
    const now = this.state.get();
    if (stores.every((store) => store.get(wanted) !== undefined)) {
      if (now.shown !== wanted || now.wanted !== wanted || isForced) this.#update({ shown: wanted, wanted });
    } else {
      if (now.wanted !== wanted) this.#update({ wanted });
      Promise.all(stores.map((store) => store.load(wanted))).then(
        () => {
          if (!this.#isClosed && this.state.get().wanted === wanted) this.#update({ shown: wanted });
        },
        (error: unknown) => {
          if (!this.#isClosed && !(error instanceof DOMException && error.name === "AbortError"))
            this.#options.onProblem(error);
        },
      );
    }
    const near = neighbours(wanted, this.#options.nFrames);
    for (const store of stores) store.prefetch(near);
  }

  readonly #tick = (nowMs: number): void => {
    const { rate, range, wanted, shown } = this.state.get();
    if (rate === 0 || this.#isClosed) return;
    const { nFrames, fps } = this.#options;
    if (wanted !== shown) {
      this.#anchor = { frame: wanted, ms: nowMs }; // the picture is late: time waits for it instead of skipping frames
    } else {
      const playback: Playback = {
        nFrames,
        fps,
        anchorFrame: this.#anchor.frame,
        anchorMs: this.#anchor.ms,
        rate,
        range,
      };
      const next = frameAt(playback, nowMs);
      if (next !== shown) this.#want(next);
    }
    this.#animation = requestAnimationFrame(this.#tick);
  };
}
